### Segundos fatores: o que as suas páginas e mensagens dizem.

## Configuração

mfa-title = Segundos fatores
mfa-intro = Um segundo fator mantém de fora quem conhece a sua senha. Dois são melhores do que um: o telefone pode perder-se.
mfa-app = Aplicativo autenticador
mfa-app-hint = Um aplicativo no telefone mostra um código novo a cada 30 segundos.
mfa-email = Códigos por e-mail
mfa-email-hint = Enviamos um código para { $address } a cada entrada.
mfa-email-hint-none = A sua conta não tem endereço de e-mail para receber códigos.
mfa-on = ligado
mfa-enrolled = Este fator já está configurado.
mfa-change = Alterar
mfa-next = Continuar
mfa-cancel = Cancelar
mfa-back = Voltar
mfa-confirm = Ligar
mfa-turn-on = Ligar: { $factor }
mfa-turn-off = Desligar
mfa-scan = Leia este código com o aplicativo.
mfa-qrcode = Código QR para o aplicativo autenticador
mfa-type-secret = Ou digite esta chave:
mfa-open-app = Abrir o aplicativo neste aparelho
mfa-keep-codes = Guarde estes códigos de recuperação em lugar seguro. Cada um permite entrar uma vez, sem o aplicativo. São mostrados só desta vez.
mfa-first-code = Código
mfa-send-code = Enviar um código por e-mail
mfa-sent-to = Enviamos um código para { $address }.
mfa-codes-left = { $count ->
    [0] Não restam códigos de recuperação. Peça novos.
    [one] Resta um código de recuperação. Peça novos.
   *[other] Restam { $count } códigos de recuperação.
}
mfa-codes-new = Os seus novos códigos de recuperação
mfa-codes-renew = Novos códigos de recuperação

## Passkeys

mfa-passkeys = Chaves de acesso
mfa-passkeys-hint = Entre com a impressão digital, o rosto ou o PIN do aparelho, sem senha.
mfa-passkey-add = Adicionar chave de acesso
mfa-passkey-name = Nome da chave de acesso
mfa-passkey-name-hint = Por exemplo, “Meu telefone”.
mfa-passkey-rename = Mudar o nome
mfa-passkey-remove = Remover
mfa-passkey-since = adicionada { $time }
mfa-passkey-used = usada pela última vez { $time }
mfa-passkey-backed-up = sincronizada
mfa-passkey-failed = Não funcionou, ou demorou demais. Tente de novo.
mfa-passkey-taken = Este aparelho já tem uma chave de acesso para a sua conta.
mfa-passkey-script = As chaves de acesso precisam de JavaScript.
mfa-passkey-sign-in = Entrar com uma chave de acesso
mfa-passkey-intro = A sua senha está certa. Agora use a chave de acesso.
mfa-passkey-use = Usar a chave de acesso
mfa-password-give-up = Entrar só com chaves de acesso
mfa-password-give-up-hint = A sua senha é removida. Pode definir uma nova por e-mail a qualquer momento.

## O que aconteceu

mfa-done-on = O segundo fator está ligado. Ele será pedido ao entrar.
mfa-done-off = O segundo fator está desligado.
mfa-done-passkey-added = A chave de acesso foi adicionada.
mfa-done-passkey-renamed = A chave de acesso tem um novo nome.
mfa-done-passkey-removed = A chave de acesso foi removida.
mfa-done-password = A sua senha foi removida. A partir de agora, entre com uma chave de acesso.

## Problemas

mfa-expired = Demorou demais. Comece de novo.
mfa-cannot = Este fator não pode ser ligado agora. A sua conta tem endereço de e-mail? Senão, tente de novo daqui a uma hora.
mfa-sign-in-again = Entre de novo primeiro: isto só é possível nos dez minutos depois de entrar.
mfa-last-way = Mantenha pelo menos duas maneiras de entrar: adicione uma chave de acesso, ou defina uma senha.
mfa-passkey-most = Não é possível ter mais chaves de acesso.
mfa-passkey-refused = A chave de acesso não foi aceita. Tente de novo.

## Mensagens

mfa-mail-code-subject = O seu código para { $site }
mfa-mail-code =
    Olá { $name },

    o seu código para entrar em { $site } é

    { $code }

    Vale por { $minutes } minutos. Ninguém de { $site } vai pedi-lo.
    Se não está entrando agora, alguém conhece a sua senha: mude-a.
mfa-mail-changed-subject = A sua entrada em { $site } foi alterada
mfa-mail-changed =
    Olá { $name },

    { $what ->
        [on] um segundo fator foi ligado na sua conta em { $site }: { $factor }.
        [off] um segundo fator foi desligado na sua conta em { $site }: { $factor }.
        [codes] novos códigos de recuperação foram criados na sua conta em { $site }. Os antigos já não valem.
        [passkey-on] uma chave de acesso foi adicionada à sua conta em { $site }: { $factor }.
        [passkey-off] uma chave de acesso foi removida da sua conta em { $site }: { $factor }.
       *[password-off] a senha da sua conta em { $site } foi removida. Entre com uma chave de acesso.
    }

    Se não foi você, defina uma nova senha agora:

    { $reset }
