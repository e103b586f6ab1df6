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

export const guessReasonCodes = [
    "is_resolver",
    "claims_link_preview",
    "claims_scanner",
    "looks_like_browser",
    "no_user_agent",
    "other_method",
    "not_browser",
    "many_names",
    "many_paths",
] as const

/** The code of a reason for a likely source. */
export type GuessReasonCode = (typeof guessReasonCodes)[number]

/** A reason for a likely source: of `other_method` with the method, of `many_names` and `many_paths` with a number. */
export interface GuessReason {
    readonly code: GuessReasonCode
    readonly method?: string
    readonly count?: number
}

/** A likely source with its reasons. */
export interface SourceGuess {
    readonly likelySource: LikelySource
    readonly reasons: readonly GuessReason[]
}

/** Returns a reason in English, for evidence and bundles. */
export function reasonText({ code, method = "", count = 0 }: GuessReason): string {
    const texts: Readonly<Record<GuessReasonCode, string>> = {
        is_resolver: "a resolver requested the address",
        claims_link_preview: "the client claims to be a link preview service",
        claims_scanner: "the client claims to be a scanner",
        looks_like_browser: "the request looks like a browser's",
        no_user_agent: "the request has no user agent",
        other_method: `the request is a ${method}`,
        not_browser: "the client is not a browser",
        many_names: `its network requested at least ${count} names`,
        many_paths: `its network requested at least ${count} paths`,
    }
    return texts[code]
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
    if (channel === "dns") return { likelySource: "resolver", reasons: [{ code: "is_resolver" }, ...frequencyReasons] }
    const { agent, method } = request
    const isRead = method === "GET" || method === "HEAD"
    if (previewAgents.test(agent))
        return {
            likelySource: "link_preview",
            reasons: [{ code: "claims_link_preview" }, ...frequencyReasons],
        }
    if (frequencyReasons.length > 0) return { likelySource: "scanner", reasons: frequencyReasons }
    if (scannerAgents.test(agent)) return { likelySource: "scanner", reasons: [{ code: "claims_scanner" }] }
    if (browserAgent.test(agent) && isRead)
        return { likelySource: "browser", reasons: [{ code: "looks_like_browser" }] }
    if (agent === "") return { likelySource: "tool", reasons: [{ code: "no_user_agent" }] }
    const reason: GuessReason = browserAgent.test(agent) ? { code: "other_method", method } : { code: "not_browser" }
    return { likelySource: "tool", reasons: [reason] }
}

function frequencyReasonsOf({ names, paths }: TouchRequest): GuessReason[] {
    return [
        ...(names >= manyNames ? [{ code: "many_names" as const, count: names }] : []),
        ...(paths >= manyPaths ? [{ code: "many_paths" as const, count: paths }] : []),
    ]
}
