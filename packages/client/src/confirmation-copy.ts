/**
 * A confirmation copy: a text with a code, sealed to one usable key of a partner only.
 *
 * A lead who enters the code confirms another, new key, which the text names. New copies are then sealed to it.
 */
import { recipientText } from "./recipient.ts"

/** The facts in a confirmation copy. */
export interface Confirmation {
    readonly partner: string
    readonly recipient: string
    readonly code: string
}

/** The text of a confirmation copy. */
export function confirmationCopyText({ partner, recipient, code }: Confirmation): string {
    return [
        `CONFIRMATION COPY for ${partner.replaceAll(/\s+/g, " ")}.`,
        "",
        "A lead's session added a new key for your organisation, and asks you to confirm it.",
        "Compare its recipient with the one that the key's owner gave you:",
        "",
        `Recipient: ${recipientText(recipient)}`,
        "",
        "If your organisation added this key, a lead enters this code. The key is then usable at once:",
        "",
        `    ${code}`,
        "",
        "If it did not, enter no code. A lead revokes the key and calls the operator.",
        "",
    ].join("\n")
}

/** The code in a confirmation copy for this recipient; null where the text is another one. */
export function parseConfirmationCode(text: string, recipient: string): string | null {
    if (!text.startsWith("CONFIRMATION COPY ") || !text.includes(`\nRecipient: ${recipientText(recipient)}\n`))
        return null
    return /^ {4}((?:[A-Z2-9]{5}-){3}[A-Z2-9]{5})$/m.exec(text)?.[1] ?? null
}
