### Palavras dos formulários e de seus campos, e o que se diz de um formulário como um todo.

## Um formulário como um todo

failed = Algo deu errado, e nada foi alterado.
failed--denied = Você não pode fazer isto.
failed--forbidden = O banco de dados só permite leitura; nada foi alterado.
failed--no-room = Não há espaço para gravar isto; nada foi alterado.
failed--not-found = Este registro não existe.
failed--unavailable = Isto não está disponível agora, e nada foi alterado. Tente novamente em instantes.
failed--unconfirmed = A conexão caiu enquanto isto era salvo. Verifique se foi salvo antes de enviar de novo.
form-expired = Este formulário ficou aberto por tempo demais. Confira os dados e envie-o novamente
form-token = Não foi possível confirmar este formulário, e nada foi salvo. Confira os dados e envie-o novamente
incomplete = O formulário não chegou completo, e nada foi salvo. Envie-o novamente
malformed = Não foi possível ler o formulário
too-large = O envio é maior do que o formulário aceita; nada foi salvo
unsupported-type = Formulários são enviados como urlencoded, multipart ou JSON
form-error-summary-title = { $count ->
    [one] Há { $count } problema
   *[other] Há { $count } problemas
}

## Botões e opções

form-submit = Enviar
form-delete = Excluir este registro
form-none = Nenhum
form-yes = Sim
form-no = Não
form-no-answer = Sem resposta
form-continue = Mostrar os campos correspondentes
form-more-fields = De acordo com o que você informou, agora há mais campos. Nada foi salvo ainda
form-range-was = antes
form-time-zone = Fuso horário:

## Arquivos

form-kept-file = Mantido do envio anterior; ainda não salvo
form-files = arquivos
form-remove-file = Remover este arquivo

## Escolher entre muitos

form-choose = Escolha um dos resultados encontrados
form-search = Buscar
form-search-more = Há mais resultados. Escreva mais do nome para encontrar os outros
form-search-nothing = Nada foi encontrado. Tente outra palavra
form-search-one = Um resultado foi encontrado. Escolha-o abaixo
form-search-found = Escolha um dos resultados encontrados
form-create = Adicionar como novo
form-choice = opção
form-choices = opções
form-nothing-chosen = Nada escolhido

## Linhas de subformulários

form-add-row = Adicionar uma linha
form-row-action = { $action }: { $row }
form-rows-not-here = Há linhas demais para editá-las aqui
row-gone = Esta linha foi excluída nesse meio-tempo. Envie novamente para criá-la de novo, ou remova-a
row-stays = Esta linha não pode ser removida
rows-needed = Informe pelo menos uma linha
rows-too-few = Informe pelo menos { $min } linhas
rows-too-many = São linhas demais: no máximo { $max }
form-remove-row = Remover esta linha
form-move-up = Mover para cima
form-move-down = Mover para baixo

## Duas pessoas no mesmo registro

conflict = Outra pessoa alterou este registro enquanto você o editava. Nada foi salvo ainda: veja os campos marcados e envie novamente
form-conflict-title = Outra pessoa também alterou isto
form-conflict-changed = Outra pessoa alterou isto; você vê como está agora
form-conflict-yours = O seu, no campo acima
form-conflict-theirs = O da outra pessoa, salvo agora
form-empty = (vazio)
form-conflict-before = Antes
form-conflict-keep-mine = Manter o meu
form-conflict-take-theirs = Usar o da outra pessoa

## O mesmo formulário duas vezes

form-busy = Este formulário ainda está sendo salvo. Aguarde um momento e verifique se ele foi salvo
form-changed = Este formulário já foi salvo, com valores diferentes destes. Nada mais foi salvo: envie-o novamente se quiser salvar isto também
form-repeated = Este formulário já foi enviado. Ele não foi enviado outra vez
form-unknown = Este formulário já tinha sido enviado, e o servidor parou enquanto o salvava. Verifique se ele foi salvo antes de enviá-lo novamente

## Rascunhos

form-save-draft = Salvar rascunho
form-draft-found = Há um rascunho de { $time } que não foi salvo.
form-draft-differs = Ele difere em: { $fields }
form-draft-large = Isto é demais para um rascunho. Ele não foi salvo
form-draft-restore = Continuar com o rascunho
form-draft-discard = Descartar o rascunho
form-draft-saved = Seu rascunho foi salvo. Você pode voltar a ele mais tarde

## Enquanto se espera

form-available = Está certo assim
form-too-often = { $seconds ->
    [one] Foram tentativas demais. Tente novamente em { $seconds } segundo
   *[other] Foram tentativas demais. Tente novamente em { $seconds } segundos
}

## Contra robôs

bot-expired = A verificação contra robôs expirou. Envie o formulário novamente
bot-filled = Um campo que as pessoas não veem foi preenchido. Ele está vazio de novo; envie o formulário novamente
bot-proof = A verificação contra robôs não deu certo. Envie o formulário novamente
bot-script = Este formulário precisa de JavaScript para se proteger de robôs
bot-used = A verificação contra robôs já foi usada antes. Envie o formulário novamente
captcha-down = Não foi possível verificar o CAPTCHA agora. Tente novamente em instantes.
captcha-failed = O CAPTCHA não foi resolvido.
captcha-missing = Resolva o CAPTCHA, por favor.
form-bot-leave-empty = Deixe este campo vazio
form-bot-needs-script = Este formulário precisa de JavaScript para se proteger de robôs.
form-bot-noscript-wait = { $seconds ->
    [one] Sem JavaScript, este formulário pode ser enviado { $seconds } segundo depois de aberto.
   *[other] Sem JavaScript, este formulário pode ser enviado { $seconds } segundos depois de aberto.
}
bot-wait = { $seconds ->
    [one] Isso foi muito rápido. Aguarde { $seconds } segundo e envie o formulário novamente
   *[other] Isso foi muito rápido. Aguarde { $seconds } segundos e envie o formulário novamente
}
