### O que dizem as regras.

unavailable = Não foi possível verificar isto agora. Tente novamente
boolean = Informe “true” (sim) ou “false” (não)
duplicate = Isto foi enviado mais de uma vez
duplicate-file = Escolha apenas um arquivo
nul = O texto não pode conter o caractere NUL
nul--typed = O texto contém um caractere que não pode ser gravado (NUL)

## Texto

any-of = Este valor não é permitido
cleanup = Este valor não é válido
crypt-max = Longa demais
crypt-min = Curta demais
is-alphanumeric = Use apenas letras, números e sublinhado
is-email = Informe um endereço de e-mail válido
is-equal-to = Os valores não coincidem
is-expr = Este valor não é válido
is-in-set = Este valor não é permitido
is-ipaddress = Informe um endereço IP válido
is-ipaddress-subnets = Uma das sub-redes definidas não é válida
is-ipv4 = Informe um endereço IPv4 válido
is-ipv6 = Informe um endereço IPv6 válido
is-ipv6-subnets = Uma das sub-redes definidas não é válida
is-json = Este JSON não é válido
is-length = Digite de { $min } a { $max } caracteres
is-list-of-max = { $max ->
    [one] É permitido no máximo { $max } item
   *[other] São permitidos no máximo { $max } itens
}
is-list-of-min = { $min ->
    [one] É necessário pelo menos { $min } item
   *[other] São necessários pelo menos { $min } itens
}
is-list-of-emails = Endereços de e-mail inválidos: { $emails }
is-match = Este valor não é válido
is-not-empty = Preencha este campo
is-safe = Este conteúdo não é seguro
is-slug = Use apenas letras minúsculas, números e hífens
is-url = Informe um endereço da web válido

## Senhas

is-strong--entropy = A senha é fácil demais de adivinhar
is-strong--min = Mínimo de { $count } caracteres
is-strong--max = Máximo de { $count } caracteres
is-strong--special = Pelo menos { $count } destes caracteres: { $specials }
is-strong--no-special = Nenhum destes caracteres: { $specials }
is-strong--invalid = Nenhum destes caracteres: { $count }
is-strong--upper = { $count ->
    [one] Pelo menos { $count } letra maiúscula
   *[other] Pelo menos { $count } letras maiúsculas
}
is-strong--no-upper = Nenhuma letra maiúscula
is-strong--lower = { $count ->
    [one] Pelo menos { $count } letra minúscula
   *[other] Pelo menos { $count } letras minúsculas
}
is-strong--no-lower = Nenhuma letra minúscula
is-strong--number = { $count ->
    [one] Pelo menos { $count } número
   *[other] Pelo menos { $count } números
}
is-strong--no-number = Nenhum número

## Números

is-int-in-range = Informe um número inteiro
is-int-in-range-min = Informe um número inteiro maior ou igual a { $min }
is-int-in-range-max = Informe um número inteiro menor ou igual a { $max }
is-int-in-range-between = Informe um número inteiro de { $min } a { $max }
is-float-in-range = Informe um número
is-float-in-range-min = Informe um número maior ou igual a { $min }
is-float-in-range-min--more = Informe um número maior que { $min }
is-float-in-range-max = Informe um número menor ou igual a { $max }
is-float-in-range-max--less = Informe um número menor que { $max }
is-float-in-range-between = Informe um número de { $min } a { $max }
is-float-in-range-between--below = Informe um número maior ou igual a { $min } e menor que { $max }
is-float-in-range-between--above = Informe um número maior que { $min } e menor ou igual a { $max }
is-float-in-range-between--inside = Informe um número maior que { $min } e menor que { $max }
is-decimal-in-range = Informe um número
is-decimal-in-range-min = Informe um número maior ou igual a { $min }
is-decimal-in-range-min--more = Informe um número maior que { $min }
is-decimal-in-range-max = Informe um número menor ou igual a { $max }
is-decimal-in-range-max--less = Informe um número menor que { $max }
is-decimal-in-range-between = Informe um número de { $min } a { $max }
is-decimal-in-range-between--below = Informe um número maior ou igual a { $min } e menor que { $max }
is-decimal-in-range-between--above = Informe um número maior que { $min } e menor ou igual a { $max }
is-decimal-in-range-between--inside = Informe um número maior que { $min } e menor que { $max }

## Datas e horários

is-date = Informe uma data como { $format }
is-date-in-range = Informe uma data como { $format }
is-date-in-range-min = Informe uma data a partir de { $min }
is-date-in-range-max = Informe uma data até { $max }
is-date-in-range-between = Informe uma data de { $min } a { $max }
is-datetime = Informe data e horário como { $format }
is-datetime-in-range = Informe data e horário como { $format }
is-datetime-in-range-min = Informe data e horário a partir de { $min }
is-datetime-in-range-max = Informe data e horário até { $max }
is-datetime-in-range-between = Informe data e horário de { $min } a { $max }
is-time = Informe um horário como 13:05 ou 13:05:00

## Arquivos

is-file = Este nome de arquivo não é permitido
is-image = Esta imagem não é válida
is-image-aspectratio = A proporção desta imagem não é permitida
is-image-size = O tamanho desta imagem não é permitido
is-upload-filename = Este nome de arquivo não é permitido

## Campos que recebem vários textos, e horários de fusos

create = Aqui não é possível adicionar nada
key-value-no-colon = Linha { $line }: escreva um nome, dois-pontos e um texto
key-value-twice = Linha { $line }: este nome já aparece antes
zone-fold = Este horário ocorreu duas vezes em { $zone }. Informe { $first } ou { $second }
zone-gap = Este horário não existiu em { $zone }. Informe { $earlier } ou { $later }
zone-range = Este momento está distante demais
