### Was über hochgeladene Dateien gesagt wird.

not-a-file = Wählen Sie eine Datei aus
not-a-file-field = Hier wird ein Text erwartet, keine Datei
storage = Die Datei lässt sich gerade nicht speichern; es wurde nichts gespeichert. Bitte versuchen Sie es später noch einmal
upload-extension = Dateien dieser Art sind nicht erlaubt.
upload-name-character = Das Zeichen „{ $character }“ ist im Dateinamen nicht erlaubt.
upload-name-empty = Die Datei muss einen Namen haben.
upload-name-leading-period = Dateinamen dürfen nicht mit einem Punkt beginnen.
upload-name-two-periods = Dateinamen dürfen nicht „..“ enthalten.
upload-no-extension = Der Dateiname hat keine Endung.
upload-too-large = Die Datei ist zu groß: höchstens { $max }
upload-gone = Die Datei { $name } wurde zu lange aufgehoben und ist nicht mehr da: Bitte wählen Sie sie noch einmal aus
upload-quota = Für weitere Dateien von Ihnen ist gerade kein Platz; es wurde nichts gespeichert. Bitte versuchen Sie es später noch einmal
upload-too-many = Das sind zu viele Dateien: höchstens { $max }
upload-content = Der Inhalt der Datei passt nicht zu ihrer Endung (.{ $extension })
upload-frames = Die Animation hat zu viele Einzelbilder: höchstens { $max }
upload-image = Dieses Bild lässt sich nicht lesen
upload-pixels = Das Bild hat zu viele Bildpunkte: höchstens { $max } (Breite mal Höhe)
