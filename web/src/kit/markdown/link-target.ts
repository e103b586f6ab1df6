/** Where a link in a text by another person leads, and characters that would hide it. */
import { t } from "../../messages/message.ts"

export interface Target {
    /** Null: it is not followed. */
    readonly href: string | null
    /** The host, or the address as written if it is not followed. */
    readonly shown: string
}

/** Follows http and https only, and no address with a user name, which looks like a host. Hosts are in ASCII. */
export function targetOf(address: string): Target {
    const url = URL.parse(address)
    const isWeb = url !== null && (url.protocol === "https:" || url.protocol === "http:")
    if (!isWeb || url.username !== "" || url.password !== "") {
        return { href: null, shown: address === "" ? t("no address") : address }
    }
    return { href: url.href, shown: url.host }
}

/** Shows characters that reorder what follows them by their number: text must read as it is stored. */
export function visible(text: string): string {
    return text.replaceAll(
        /[\u{200e}\u{200f}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu,
        (char) => `[U+${char.codePointAt(0)?.toString(16).toUpperCase()}]`,
    )
}
