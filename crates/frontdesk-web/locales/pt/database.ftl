### O que se diz quando um banco de dados não aceita um registro.

becomes-number = O banco de dados transformaria este texto no número { $number }
check = Este valor não é permitido
check--record = Estes valores não são permitidos juntos
check--together = Estes valores não combinam entre si
constraint = O banco de dados não aceita estes valores
constraint--reference = O banco de dados não pode salvar isto: uma de suas referências leva a uma tabela ou coluna que não existe
constraint--value = Este valor não é permitido
create-empty = Preencha este campo
create-field = { $field }: { $error }
create-outside = O que se adiciona aqui não faria parte das opções
decimal-digits = { $max ->
    [one] Informe um número com no máximo { $max } dígito antes da vírgula
   *[other] Informe um número com no máximo { $max } dígitos antes da vírgula
}
decimal-exact = Este número tem mais dígitos do que o banco de dados pode guardar com exatidão
integer-range = Digite um número inteiro de { $min } a { $max }
decimal-places = { $max ->
    [0] Informe um número sem casas decimais
    [one] Informe um número com no máximo { $max } casa decimal
   *[other] Informe um número com no máximo { $max } casas decimais
}
denied = Você não pode fazer isto
foreign-key = Este registro não existe
foreign-key--some = Há uma referência a um registro que não existe
gone = Este registro foi excluído nesse meio-tempo
ignored = O banco de dados não aceitou este registro
is-in-db = Este valor não existe no banco de dados
is-not-in-db = Este valor já existe ou está vazio
not-allowed = Você não pode salvar um registro com estes valores
not-null = Preencha este campo
not-null--some = Falta um valor
read-only = Este campo não pode ser preenchido
referenced = Outros registros ainda se referem a este
referenced--table = Registros de { $table } ainda se referem a este
too-long = Isto é longo demais para ser gravado
type = Este valor não é do tipo certo
type--boolean = Informe “yes” (sim) ou “no” (não)
type--date = Informe uma data como 2008-03-03
type--datetime = Informe data e horário como 2008-03-03 13:05:00
type--integer = Informe um número inteiro
type--json = Informe um JSON válido
type--number = Informe um número
type--other = Este valor não pode ser gravado aqui
type--text = Digite um texto
type--time = Informe um horário como 13:05:00
type--uuid = Informe um UUID
unique = Outro registro já tem este valor
unique--record = Outro registro já tem os mesmos valores
unique--several = Outro registro já tem os mesmos valores em { $fields }
unknown-field = Este campo não existe
