### What is said of files that are handed over.

not-a-file = Choose a file
not-a-file-field = A text is expected here, not a file
storage = The file cannot be stored just now, and nothing was saved. Please try again later
upload-extension = This file type isn't allowed.
upload-name-character = '{ $character }' is not allowed in the filename.
upload-name-empty = The file name can't be empty.
upload-name-leading-period = File names must not start with a period.
upload-name-two-periods = File names must not contain '..'.
upload-no-extension = The file has no extension.
upload-too-large = The file is too large: { $max } at most
upload-gone = The file { $name } was kept for too long and is gone: please choose it again
upload-quota = There is no room for more files of yours just now, and nothing was saved. Please try again later
upload-too-many = These are too many files: { $max } at most
upload-content = This is not the kind of file that its ending (.{ $extension }) says
upload-frames = The animation has too many frames: { $max } at most
upload-image = This image cannot be read
upload-pixels = The image has too many pixels: { $max } at most (width times height)
