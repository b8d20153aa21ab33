// Embeds one binary file, read-only, between CREDENCE_BLOB_begin and CREDENCE_BLOB_end.
#define CREDENCE_PASTE_INNER(a, b) a##b
#define CREDENCE_PASTE(a, b) CREDENCE_PASTE_INNER(a, b)
#define BEGIN CREDENCE_PASTE(CREDENCE_BLOB, _begin)
#define END CREDENCE_PASTE(CREDENCE_BLOB, _end)
    .section .rodata
    .globl BEGIN
    .globl END
    .balign 64
BEGIN:
    .incbin CREDENCE_BLOB_FILE
END:
    .byte 0
    .section .note.GNU-stack,"",%progbits
