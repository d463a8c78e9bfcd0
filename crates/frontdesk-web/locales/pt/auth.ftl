### Início de sessão: o que dizem as suas páginas, e as frases para programas, que para estes ficam em inglês.

## Páginas

auth-account = Conta
auth-change-email = Alterar o endereço de e-mail
auth-change-password = Alterar a senha
auth-change-password-ends = A sua sessão termina em todos os dispositivos; depois entra com a nova senha.
auth-confirm-email = Confirmar o endereço de e-mail
auth-confirm-intro = Só mais um passo: confirme que este endereço de e-mail é seu.
auth-email = Endereço de e-mail
auth-email-new = Novo endereço de e-mail
auth-email-none = nenhum
auth-error = Erro:
auth-forgot = Esqueceu a senha?
auth-hide = Ocultar
auth-login = Entrar
auth-logout = Sair
auth-logout-intro = Deseja sair neste dispositivo?
auth-mfa = Segundos fatores
auth-mfa-code = Código
auth-mfa-code-hint = Da sua aplicação de autenticação ou do e-mail que enviámos, ou um código de recuperação.
auth-mfa-intro = A sua senha está certa. Agora introduza um código.
auth-mfa-provider = De onde vem o código?
auth-password = Senha
auth-password-again = Senha outra vez
auth-password-current = Senha atual
auth-password-hint = Pelo menos { $min } caracteres. Algumas palavras seguidas fazem uma boa senha.
auth-password-new = Nova senha
auth-password-new-again = Nova senha outra vez
auth-reset = Repor a senha
auth-reset-intro = Introduza o seu endereço de e-mail e enviamos-lhe uma ligação para definir uma nova senha.
auth-reset-send = Enviar a ligação
auth-reset-set = Definir a nova senha
auth-session-current = este dispositivo
auth-session-end = Terminar sessão
auth-session-seen = visto pela última vez { $time }
auth-session-since = desde { $time }
auth-session-unknown = Dispositivo desconhecido
auth-session-on = { $browser } em { $system }
auth-sessions = Onde tem sessão iniciada
auth-sessions-end-others = Terminar todas as outras sessões
auth-show = Mostrar
auth-sign-up = Registar-se
auth-signed-in-as = Entrou como { $name }.
auth-start-again = Começar de novo
auth-username = Nome de utilizador

## O que aconteceu

auth-done-confirmed = O seu endereço de e-mail está confirmado. Já pode entrar.
auth-done-email-changed = O seu endereço de e-mail foi alterado.
auth-done-email-sent = Enviámos um e-mail para { $address }. O endereço muda quando seguir a ligação que está nele.
auth-done-logged-out = A sua sessão terminou.
auth-done-password = A sua senha foi alterada. Entre com a nova.
auth-done-registered = Bem-vindo! Já pode entrar.
auth-done-registered-inactive = Obrigado. Pode entrar quando a sua conta for ativada.
auth-done-register-sent = Obrigado. Enviámos-lhe um e-mail: siga a ligação que está nele e depois pode entrar.
auth-done-reset-sent = Se existir uma conta com este endereço de e-mail, enviámos para lá uma ligação.
auth-done-session-ended = A sessão nesse dispositivo terminou.
auth-done-sessions-ended = Todas as outras sessões terminaram.

## O que não está certo

auth-email-invalid = Este endereço de e-mail não é válido.
auth-email-same = Este já é o seu endereço de e-mail.
auth-form-incomplete = Preencha todos os campos.
auth-link-invalid = Esta ligação já não é válida. Peça uma nova.
auth-login-failed = O nome de utilizador ou a senha está errado.
auth-mfa-failed = O código está errado ou já não é válido.
auth-mfa-none = Este segundo fator não existe.
auth-mfa-required = Introduza um código.
auth-mfa-required-sent = Introduza o código que lhe enviámos.
auth-mfa-unspecified = Escolha de onde vem o código.
auth-missing-credentials = Falta o nome de utilizador ou a senha.
auth-no-session = Esta sessão já terminou.
auth-no-session-cookie = Não tem sessão iniciada.
auth-password-common = Esta senha é uma das que se tentam primeiro. Escolha outra.
auth-password-too-long = A senha pode ter no máximo { $max } caracteres.
auth-password-too-short = A senha tem de ter pelo menos { $min } caracteres.
auth-password-personal = Esta senha é feita do seu nome, do seu endereço de e-mail ou do nome deste site. Escolha outra.
auth-password-looks-hashed = Isto parece o hash de uma senha. Escolha uma senha.
auth-password-wrong = A senha está errada.
auth-passwords-differ = As senhas não são iguais.
auth-too-many = { $seconds ->
    [one] Demasiadas tentativas. Espere um segundo e tente de novo.
   *[other] Demasiadas tentativas. Espere { $seconds } segundos e tente de novo.
}
auth-trouble = Algo correu mal do nosso lado e nada foi alterado. Tente de novo dentro de momentos.
auth-trouble-title = Algo correu mal
auth-unavailable = Isto não está disponível neste momento e nada foi alterado. Tente de novo dentro de momentos.
auth-user-exists = Já existe uma conta com este endereço de e-mail ou nome de utilizador.
auth-username-invalid = O nome de utilizador não pode começar nem acabar com espaços, nem ter caracteres de controlo.
auth-username-long = O nome de utilizador pode ter no máximo { $max } caracteres.

## E-mails

auth-mail-reset-subject = Definir uma nova senha para { $site }
auth-mail-reset =
    Olá { $name },

    alguém, esperamos que tenha sido você, pediu uma nova senha para { $site }.
    Defina-a aqui dentro de { $minutes } minutos:

    { $link }

    Se não foi você, não precisa de fazer nada: a sua senha fica como está.
auth-mail-confirm-subject = Confirme o seu endereço de e-mail para { $site }
auth-mail-confirm =
    Olá { $name },

    bem-vindo a { $site }. Confirme que este endereço de e-mail é seu:

    { $link }

    A ligação é válida durante { $hours } horas. Se não se registou, não precisa de fazer nada.
auth-mail-exists-subject = Já tem uma conta em { $site }
auth-mail-exists =
    Olá,

    alguém, esperamos que tenha sido você, quis registar-se em { $site } com este endereço de e-mail, que já tem uma conta.
    O nome de utilizador é { $name }. Entre aqui:

    { $login }

    Se esqueceu a senha, defina aqui uma nova:

    { $reset }
auth-mail-taken-subject = Escolha outro nome de utilizador em { $site }
auth-mail-taken =
    Olá,

    quis registar-se em { $site } como { $name }, mas esse nome já é de outra pessoa. Escolha aqui outro:

    { $register }

    Se não foi você, não precisa de fazer nada.
auth-mail-change-subject = Confirme o seu novo endereço de e-mail para { $site }
auth-mail-change =
    Olá { $name },

    confirme que este deve ser o seu endereço de e-mail em { $site }:

    { $link }

    A ligação é válida durante { $hours } horas. Se não foi você que a pediu, não precisa de fazer nada.
auth-mail-changing-subject = O seu endereço de e-mail em { $site } vai ser alterado
auth-mail-changing =
    Olá { $name },

    alguém com sessão iniciada como você pediu para alterar o seu endereço de e-mail em { $site } para { $address }.
    Se não foi você, defina já uma nova senha:

    { $reset }
auth-mail-changed-subject = O seu endereço de e-mail em { $site } foi alterado
auth-mail-changed =
    Olá { $name },

    o seu endereço de e-mail em { $site } é agora { $address }. Este endereço deixa de receber e-mails.
    Se não foi você que o alterou, avise já quem gere o site.
auth-mail-password-subject = A sua senha em { $site } foi alterada
auth-mail-password =
    Olá { $name },

    a sua senha em { $site } foi alterada e todas as sessões terminaram.
    Se não foi você, defina já uma nova:

    { $reset }
