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
export const likelySources = ["resolver", "link_preview", "scanner", "tool", "browser"] as const

/** The likely source of a touch: a guess, which accuses no one. */
export type LikelySource = (typeof likelySources)[number]

/** What a listener knows of a touch. */
export interface TouchRequest {
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
export function touchRequestIn(stored: unknown): TouchRequest {
    const values = (typeof stored === "object" && stored !== null ? stored : {}) as Record<string, unknown>
    const text = (item: unknown): string => (typeof item === "string" ? item.slice(0, textMax) : "")
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
export interface SourceGuess {
    readonly likelySource: LikelySource
    readonly reasons: readonly string[]
}

const textMax = 200
const manyNames = 3
const manyPaths = 4

const previewAgents = new RegExp(
    "slack|discordbot|twitterbot|facebookexternalhit|facebot|telegrambot|whatsapp|linkedinbot" +
        "|skypeuripreview|mattermost|embedly|pinterest|redditbot|vkshare|viber|signal|iframely|bitlybot" +
        "|google-pagerenderer|microsoft office|ms-office|outlook|safelinks|link ?preview|unfurl",
    "i",
)
const scannerAgents = new RegExp(
    "nmap|masscan|zgrab|nuclei|nikto|sqlmap|censys|shodan|expanse|gobuster|dirbuster|feroxbuster" +
        String.raw`|wpscan|internet-measurement|paloalto|leakix|netcraft|urlscan|virustotal|crawler|spider|bot\b` +
        "|scan",
    "i",
)
const browserAgent = /^Mozilla\/\d\.\d \(.+\) .*(?:Gecko|AppleWebKit|Trident)/

/** Returns the likely source of a touch, by what the request said about itself and by its frequency. */
export function guessSource(channel: Channel, request: TouchRequest): SourceGuess {
    const frequencyReasons = frequencyReasonsOf(request)
    if (channel === "dns")
        return { likelySource: "resolver", reasons: ["a resolver asked for the address", ...frequencyReasons] }
    const { agent, method } = request
    const isRead = method === "GET" || method === "HEAD"
    if (previewAgents.test(agent))
        return {
            likelySource: "link_preview",
            reasons: ["it calls itself a service that shows links", ...frequencyReasons],
        }
    if (frequencyReasons.length > 0) return { likelySource: "scanner", reasons: frequencyReasons }
    if (scannerAgents.test(agent)) return { likelySource: "scanner", reasons: ["it calls itself a scanner"] }
    if (browserAgent.test(agent) && isRead)
        return { likelySource: "browser", reasons: ["it sends what a browser sends"] }
    const reason =
        agent === ""
            ? "it says nothing of itself"
            : browserAgent.test(agent)
              ? `it asks by ${method}`
              : "it is no browser"
    return { likelySource: "tool", reasons: [reason] }
}

function frequencyReasonsOf({ names, paths }: TouchRequest): string[] {
    return [
        ...(names >= manyNames ? [`its network asked for ${names} names or more`] : []),
        ...(paths >= manyPaths ? [`its network asked for ${paths} paths or more`] : []),
    ]
}
