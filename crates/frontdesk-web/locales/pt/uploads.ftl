### O que se diz dos arquivos enviados.

not-a-file = Escolha um arquivo
not-a-file-field = Aqui se espera um texto, não um arquivo
storage = O arquivo não pode ser gravado agora, e nada foi salvo. Tente novamente mais tarde
upload-extension = Este tipo de arquivo não é permitido.
upload-name-character = O caractere “{ $character }” não é permitido no nome do arquivo.
upload-name-empty = O arquivo precisa ter um nome.
upload-name-leading-period = O nome do arquivo não pode começar com um ponto.
upload-name-two-periods = O nome do arquivo não pode conter “..”.
upload-no-extension = O nome do arquivo não tem extensão.
upload-too-large = O arquivo é grande demais: no máximo { $max }
upload-gone = O arquivo { $name } ficou guardado por tempo demais e não existe mais: escolha-o novamente
upload-quota = Não há espaço para mais arquivos seus agora, e nada foi salvo. Tente novamente mais tarde
upload-too-many = São arquivos demais: no máximo { $max }
upload-content = O conteúdo do arquivo não corresponde à extensão (.{ $extension })
upload-frames = A animação tem quadros demais: no máximo { $max }
upload-image = Não foi possível ler esta imagem
upload-pixels = A imagem tem pixels demais: no máximo { $max } (largura vezes altura)
