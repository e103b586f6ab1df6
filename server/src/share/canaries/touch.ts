/**
 * A touch of a canary, and what it is: by what was seen alone, since whoever touches one says of itself what it
 * likes. A grade is a guess about a cause; how often it comes from whoever has no copy is learnt from decoys, which
 * nobody has.
 */
export const channels = ["dns", "http"] as const

/** The protocol of a touch. */
export type Channel = (typeof channels)[number]

/**
 * The likely source. `link_preview`: a service that shows link previews. `scanner`: a source that asks for many names.
 * `tool`: a client that is not a browser, such as a running proof of concept.
 */
export const grades = ["resolver", "link_preview", "scanner", "tool", "browser"] as const

/** The likely source of a touch: a guess, which accuses no one. */
export type Grade = (typeof grades)[number]

/** What a listener knows of a touch. */
export interface Heard {
    /** The sender's address. */
    readonly source: string
    /** The user agent; empty where there is none. */
    readonly agent: string
    readonly method: string
    /** The number of different names and paths that the network asked for recently. */
    readonly names: number
    readonly paths: number
}

/** Reads a stored touch. Values of the wrong form are dropped. */
export function heardIn(notified: unknown): Heard {
    const values = (typeof notified === "object" && notified !== null ? notified : {}) as Record<string, unknown>
    const text = (item: unknown): string => (typeof item === "string" ? item.slice(0, wordsMax) : "")
    const count = (item: unknown): number =>
        typeof item === "number" && Number.isInteger(item) && item >= 0 ? item : 0
    return {
        source: text(values["source"]),
        agent: text(values["agent"]),
        method: text(values["method"]),
        names: count(values["names"]),
        paths: count(values["paths"]),
    }
}

/** A likely source with its reasons, in words. */
export interface Graded {
    readonly grade: Grade
    readonly reasons: readonly string[]
}

const wordsMax = 200
const namesMany = 3
const pathsMany = 4

const previews = new RegExp(
    "slack|discordbot|twitterbot|facebookexternalhit|facebot|telegrambot|whatsapp|linkedinbot" +
        "|skypeuripreview|mattermost|embedly|pinterest|redditbot|vkshare|viber|signal|iframely|bitlybot" +
        "|google-pagerenderer|microsoft office|ms-office|outlook|safelinks|link ?preview|unfurl",
    "i",
)
const scanners = new RegExp(
    "nmap|masscan|zgrab|nuclei|nikto|sqlmap|censys|shodan|expanse|gobuster|dirbuster|feroxbuster" +
        String.raw`|wpscan|internet-measurement|paloalto|leakix|netcraft|urlscan|virustotal|crawler|spider|bot\b` +
        "|scan",
    "i",
)
const browser = /^Mozilla\/\d\.\d \(.+\) .*(?:Gecko|AppleWebKit|Trident)/

/** Returns the likely source of a touch, by what the request said about itself and by its frequency. */
export function graded(channel: Channel, heard: Heard): Graded {
    const many = manyOf(heard)
    if (channel === "dns") return { grade: "resolver", reasons: ["a resolver asked for the address", ...many] }
    const { agent, method } = heard
    const plain = method === "GET" || method === "HEAD"
    if (previews.test(agent))
        return { grade: "link_preview", reasons: ["it calls itself a service that shows links", ...many] }
    if (many.length > 0) return { grade: "scanner", reasons: many }
    if (scanners.test(agent)) return { grade: "scanner", reasons: ["it calls itself a scanner"] }
    if (browser.test(agent) && plain) return { grade: "browser", reasons: ["it sends what a browser sends"] }
    const why =
        agent === "" ? "it says nothing of itself" : browser.test(agent) ? `it asks by ${method}` : "it is no browser"
    return { grade: "tool", reasons: [why] }
}

function manyOf({ names, paths }: Heard): string[] {
    return [
        ...(names >= namesMany ? [`its network asked for ${names} names or more`] : []),
        ...(paths >= pathsMany ? [`its network asked for ${paths} paths or more`] : []),
    ]
}
