/**
 * A touch of a canary, and its likely source. The likely source is a guess from the request and its frequency; a client
 * can lie about itself. Decoys show how often each source touches names that no partner received.
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
    /** The number of different names and paths that the network requested recently. */
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

/** Returns the likely source of a touch, by its request and by the number of requests of its network. */
export function guessSource(channel: Channel, request: TouchRequest): SourceGuess {
    const frequencyReasons = frequencyReasonsOf(request)
    if (channel === "dns")
        return { likelySource: "resolver", reasons: ["a resolver requested the address", ...frequencyReasons] }
    const { agent, method } = request
    const isRead = method === "GET" || method === "HEAD"
    if (previewAgents.test(agent))
        return {
            likelySource: "link_preview",
            reasons: ["the client claims to be a link preview service", ...frequencyReasons],
        }
    if (frequencyReasons.length > 0) return { likelySource: "scanner", reasons: frequencyReasons }
    if (scannerAgents.test(agent)) return { likelySource: "scanner", reasons: ["the client claims to be a scanner"] }
    if (browserAgent.test(agent) && isRead)
        return { likelySource: "browser", reasons: ["the request looks like a browser's"] }
    const reason =
        agent === ""
            ? "the request has no user agent"
            : browserAgent.test(agent)
              ? `the request is a ${method}`
              : "the client is not a browser"
    return { likelySource: "tool", reasons: [reason] }
}

function frequencyReasonsOf({ names, paths }: TouchRequest): string[] {
    return [
        ...(names >= manyNames ? [`its network requested at least ${names} names`] : []),
        ...(paths >= manyPaths ? [`its network requested at least ${paths} paths`] : []),
    ]
}
