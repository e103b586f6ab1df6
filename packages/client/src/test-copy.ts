/**
 * A test copy: a harmless text with a code, sealed to one key as copies are.
 *
 * A person who enters the code has opened it with the identity of that key. Partners know so before their first
 * warning.
 */
export function testCopyText(code: string): string {
    return [
        "TEST COPY. It is about no case, and holds nothing that is secret.",
        "",
        "You have opened it with the identity of the key that it was sealed to, as real copies are. Enter " +
            "this code where",
        "you asked for it, and the program knows that you can (`tocsin keys test` does so for age keys):",
        "",
        `    ${code}`,
        "",
    ].join("\n")
}

/** The code in such a text; null where there is none. */
export function parseTestCode(text: string): string | null {
    return /^ {4}((?:[A-Z2-9]{5}-){3}[A-Z2-9]{5})$/m.exec(text)?.[1] ?? null
}
