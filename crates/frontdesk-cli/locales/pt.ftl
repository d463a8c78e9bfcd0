### O que o servidor pronto diz.

## Em volta de cada página

serve-who = Você
serve-sign-in = Entrar
serve-sign-out = Sair
serve-account = Sua conta
serve-skip = Ir para o conteúdo
serve-tables-and-views = Tabelas e vistas
serve-tables = Tabelas
serve-views = Vistas
serve-all-listed = Todas as { $count } tabelas e vistas
serve-way = Onde você está
serve-all-tables = Todas as tabelas

## A primeira página

serve-count-tables = { $count ->
    [one] { $count } tabela
   *[other] { $count } tabelas
}
serve-count-views = { $count ->
    [one] { $count } vista
   *[other] { $count } vistas
}
serve-count-both = { $tables } e { $views }
serve-demo = Esta é uma demonstração: uma lojinha para heróis, no arquivo { $file }. Olhe à vontade, mude o que quiser; apague o arquivo para começar de novo. Com `frontdesk serve ARQUIVO` você vê um banco de dados seu.
serve-can-all = Adicionar e editar
serve-can-add = Só adicionar
serve-can-edit = Só editar
serve-can-look = Só ver
serve-nothing-title = Este banco de dados ainda não tem tabelas
serve-nothing-text = Crie algumas com a ferramenta que preferir e reinicie, ou descreva uma num arquivo de esquema com `create = true` e indique-o com `--schema`.

## Listas

serve-rows = { $count ->
    [0] nenhuma linha
    [one] { $count } linha
   *[other] { $count } linhas
}
serve-rows-more = mais de { $count } linhas
serve-matching = { $count ->
    [0] nenhuma linha encontrada
    [one] { $count } linha encontrada
   *[other] { $count } linhas encontradas
}
serve-matching-more = mais de { $count } linhas encontradas
serve-new = Novo registro
serve-new-in = Novo registro em { $table }
serve-add-only-view = Nesta vista é possível adicionar linhas, mas não editá-las. { $why }
serve-add-only-table = Nesta tabela é possível adicionar linhas, mas não editá-las. { $why }
serve-edit-only-view = Nesta vista é possível editar linhas, mas não adicionar. { $why }
serve-edit-only-table = Nesta tabela é possível editar linhas, mas não adicionar. { $why }
serve-look-only-view = Esta vista pode ser consultada, não editada. { $why }
serve-look-only-table = Esta tabela pode ser consultada, não editada. { $why }
serve-search-in = Buscar em { $table }
serve-search-hint = Buscar nos textos
serve-large-search = Esta tabela é grande: são encontradas linhas em que { $fields } começa com o texto.
serve-no-sort = A tabela é grande e nenhum índice a tem nesta ordem
serve-search = Buscar
serve-search-clear = Limpar
serve-only = Só linhas em que { $field } é { $value }.
serve-only-all = Mostrar todas
serve-no-more = Não há mais linhas
serve-no-more-back = Voltar às primeiras
serve-no-match = Nada corresponde a “{ $text }”
serve-no-match-hint = Cada palavra tem de aparecer em algum texto da linha. Tente com menos palavras ou mais curtas.
serve-no-such = Não há linhas assim
serve-empty-table = Ainda não há nada aqui
serve-empty-table-hint = O que for adicionado aparece aqui.
serve-add-first = Adicionar o primeiro registro
serve-rows-of = Linhas de { $table }
serve-open = Abrir
serve-edit = Editar
serve-view = Ver
serve-left-out = { $count ->
    [one] Mais uma coluna não é mostrada.
   *[other] Mais { $count } colunas não são mostradas.
}
serve-all-columns = Mostrar todas as colunas
serve-pages = Páginas
serve-previous = ← Anterior
serve-next = Próxima →
serve-page = Página { $number }

## Valores

serve-null = null
serve-empty = vazio
serve-blank = só espaços
serve-yes = sim
serve-no = não
serve-no-record = (não existe)
serve-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}

## Formulários

serve-create = Criar
serve-save = Salvar
serve-cancel = Cancelar
serve-created = Criado.
serve-created-as = “{ $record }” foi criado.
serve-saved = Salvo.
serve-saved-as = “{ $record }” foi salvo.
serve-deleted = Excluído.
serve-deleted-as = “{ $record }” foi excluído.
serve-no-name = (sem nome)
serve-gone-title = Este registro foi excluído
serve-look-only = Isto pode ser consultado, não editado. { $why }
serve-needed = Os campos com * devem ser preenchidos.
serve-related = Linhas que se referem a esta
serve-related-by = por { $field }

## O que não é possível, e por quê

serve-why-not-read = Você não pode ver estes registros.
serve-why-not-create = Você não pode adicionar registros aqui.
serve-why-not-update = Você não pode alterar estes registros.
serve-why-not-delete = Você não pode excluir estes registros.
serve-why-no-key = Suas linhas não têm uma chave que as distinga.
serve-why-view-create = É uma vista, e o banco de dados não aceita novas linhas para ela.
serve-why-view-update = É uma vista: suas linhas são alteradas lá de onde vêm.
serve-why-view-delete = É uma vista: suas linhas são excluídas lá de onde vêm.
serve-why-materialised = É uma vista materializada: muda quando o banco de dados a atualiza.
serve-why-foreign = Está em outro banco de dados, que não aceita alterações daqui.
serve-why-heirs = Outras tabelas herdam dela, e por isso sua chave não distingue suas linhas.
serve-why-role-read = O papel { $role } do banco de dados não pode lê-la.
serve-why-role-create = O papel { $role } do banco de dados não pode acrescentar linhas a ela.
serve-why-role-update = O papel { $role } do banco de dados não pode alterar suas linhas.
serve-why-role-delete = O papel { $role } do banco de dados não pode excluir suas linhas.
serve-why-column-write = Uma nova linha precisa de { $column }, que o papel do banco de dados não pode escrever.
serve-why-column-read = Uma nova linha precisa de { $column }, que o papel do banco de dados não pode ler.
serve-why-sequence = O papel do banco de dados não pode usar a sequência que numera { $column }.
serve-why-broken = O banco de dados não consegue abri-la: { $message }.
serve-cannot-show = Não é possível mostrar { $table }
serve-cannot-create = { $table } não aceita novos registros
serve-cannot-edit = Os registros de { $table } não podem ser editados

## O que não deu certo

serve-no-page = Esta página não existe
serve-no-page-text = Talvez o endereço esteja errado, ou o que estava aqui não existe mais.
serve-no-table = Esta tabela não existe
serve-no-table-text = Este banco de dados não tem tabela ou vista com esse nome. A lista de todas está na primeira página.
serve-no-row = Este registro não existe
serve-no-row-text = { $table } não tem registro com essa chave. Talvez tenha sido excluído, ou sua chave tenha mudado.
serve-method = Isso não se faz aqui
serve-method-text = Esta página pode ser vista, mas nada pode ser enviado a ela.
serve-foreign = Isto veio de outro site
serve-foreign-text = Só são aceitos formulários das próprias páginas deste site, e nada foi alterado.
serve-host = Este site é só para este computador
serve-host-text = Ele responde em localhost e 127.0.0.1 e por nenhum outro nome, pois aqui ninguém faz login.
serve-other-host = Este site tem outro nome
serve-other-host-text = Ele não responde pelo nome com que foi chamado. Se deveria, quem o mantém acrescenta esse nome ao arquivo de esquema.
serve-needs-sign-in = Entre primeiro, por favor
serve-needs-sign-in-text = Isto não é para todos. Se você já tinha entrado, a sessão terminou nesse meio-tempo.
serve-fault = Algo deu errado
serve-fault-text = Não foi possível montar a página, e nada foi alterado. A causa está no registro do servidor.
serve-refused = O banco de dados não consegue mostrar isto
serve-refused-text = Uma vista, uma coluna calculada ou uma ordenação falha aqui, ou pede algo que este programa não tem. A causa está no registro do servidor; nada foi alterado.
serve-unavailable = O banco de dados não responde agora
serve-no-room = Não há mais espaço
serve-denied = Isto não é para você
serve-read-only = O banco de dados só pode ser lido
serve-mark = Sua marca lá é { $mark }.
serve-to-tables = Ir para as tabelas
