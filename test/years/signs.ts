/**
 * Evidence beyond the marks, over years, which identifies no recipient: requested and quoted canaries, and timing.
 * Counts whether each keeps its stated limits.
 */
import { type Dice, dice } from "../../bench/tracing/dice.ts"
import { coresIn, digestOf, nameOfCanary } from "@tocsin/marks/canary"
import { nonceOf } from "@tocsin/marks/code"
import { dayMs } from "@tocsin/base/instant"
import { decoysPerVersion } from "../../server/src/share/canaries/actions/plant-canaries.ts"
import { backgroundRates } from "../../server/src/share/canaries/background-rate.ts"
import {
    type Channel,
    type LikelySource,
    type TouchRequest,
    guessSource,
    likelySources,
} from "../../server/src/share/canaries/touch.ts"
import { quotationsOf } from "../../server/src/trace/attribution/quotation.ts"
import { log10lr, shippedModel } from "@tocsin/marks/bundle/timing"
import { type Setting, type Version, programOf } from "./program.ts"

export interface Signs {
    /** Likely sources of touches, and those whose true rate without a leak exceeds the bound from decoys. */
    readonly grades: number
    readonly above: number
    /** Leaks that quote a name: the leaker's own, and another recipient's. */
    readonly quoting: number
    readonly own: number
    readonly others: number
    /**
     * Leaks of a copy, those whose timing fits another recipient equally or better, and the largest weight of a
     * recipient.
     */
    readonly timed: number
    readonly astray: number
    readonly most: number
}

const zone = "names.example"
const host = { kind: "host", what: "host" } as const

/** One partner leaks every third case. Strangers request names of random copies, at the rate of their kind. */
export function signsOf(setting: Setting, seed: number): Signs {
    const by = dice(seed)
    const program = programOf(setting, by.below(2 ** 31))
    const leaker = program.partners[by.below(program.partners.length)] ?? ""
    const rates = strangers.map(() => by.unit() * 0.05)
    const [hosts, touched] = [{ decoys: 0, copies: 0 }, new Map<string, number>()]
    const notified = { quoting: 0, own: 0, others: 0, timed: 0, astray: 0, most: -Infinity }
    for (let n = 0; n < setting.cases; n++) {
        for (const version of program.opened(n, [])) {
            hosts.decoys += decoysPerVersion
            hosts.copies += version.held.size
            for (let i = 0; i < decoysPerVersion + version.held.size; i++)
                touch(i < decoysPerVersion, rates, touched, by)
            if (!version.held.has(leaker) || by.unit() > 1 / 3) continue
            const { own, others } = quotedFrom(version, leaker, by)
            const time = timeOf(version, leaker, by)
            notified.quoting += 1
            notified.own += own
            notified.others += others
            notified.timed += 1
            notified.astray += Number(time.isAstray)
            notified.most = Math.max(notified.most, time.most)
        }
    }
    const names = [
        { decoy: true, names: hosts.decoys },
        { decoy: false, names: hosts.copies },
    ]
    const counts = [...touched].map(([key, count]) => {
        const [likelySource, kind] = key.split(" ")
        return { likelySource: likelySource as LikelySource, decoy: kind === "decoy", touched: count }
    })
    const bounds = backgroundRates(names, counts)
    const above = bounds.filter(({ likelySource, max: upTo }) => upTo < rateOf(likelySource, rates)).length
    return { ...notified, grades: bounds.length, above }
}

interface Stranger {
    readonly channel: Channel
    readonly heard: TouchRequest
}

const heard = (agent: string, names = 1): TouchRequest => ({
    source: "192.0.2.1",
    agent,
    method: "GET",
    names,
    paths: 1,
})
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

/** Strangers without a copy. Clients with many requests claim to be browsers. */
const strangers: readonly Stranger[] = [
    { channel: "dns", heard: heard("") },
    { channel: "http", heard: heard("Slackbot-LinkExpanding 1.0") },
    { channel: "http", heard: heard(firefox, 40) },
    { channel: "http", heard: heard("Mozilla/5.0 zgrab/0.x") },
    { channel: "http", heard: heard("curl/8.14") },
    { channel: "http", heard: heard(firefox) },
]
const gradeOf = strangers.map(({ channel, heard }) => guessSource(channel, heard).likelySource)

/** The probability that a stranger requests a name, by likely source. */
function rateOf(likelySource: LikelySource, rates: readonly number[]): number {
    return 1 - rates.reduce((none, rate, i) => (gradeOf[i] === likelySource ? none * (1 - rate) : none), 1)
}

function touch(isDecoy: boolean, rates: readonly number[], into: Map<string, number>, by: Dice): void {
    const entries = new Set(gradeOf.filter((_, i) => by.unit() < (rates[i] ?? 0)))
    for (const likelySource of likelySources) {
        const key = `${likelySource} ${isDecoy ? "decoy" : "copy"}`
        if (entries.has(likelySource)) into.set(key, (into.get(key) ?? 0) + 1)
    }
}

/** A leak of one copy among words that look like names, as it is searched. */
function quotedFrom({ artifact, held, marks }: Version, leaker: string, by: Dice): { own: number; others: number } {
    if (marks === null) return { own: 0, others: 0 }
    const { key } = marks()
    const nameFor = (recipient: string) => nameOfCanary(host, key, nonceOf(recipient), zone)
    const letters = Array.from({ length: 20 }, () => "abcdefghijklmnopqrstuvwxyz234567"[by.below(32)]).join("")
    const cores = coresIn(`It asks ${nameFor(leaker).text.replace(".", "[.]")} and ${letters}.example.`, 10)
    const decoys = Array.from({ length: decoysPerVersion }, (_, i) => `decoy ${i + 1}`)
    const known = new Map([...held.keys(), ...decoys].map((item) => [digestOf(nameFor(item).core).join(), item]))
    const found = cores.flatMap((core) => known.get(digestOf(core).join()) ?? [])
    const quoted = quotationsOf({
        wordsChecked: cores.length,
        canariesIssued: known.size,
        found: found.map((recipient) => ({ ...host, artifact, version: 1, recipient, decoy: false })),
    })
    const own = quoted.found.filter(({ recipient }) => recipient === leaker).length
    return { own, others: quoted.found.length - own }
}

/** Observed as late as the model assumes. */
function timeOf({ held }: Version, leaker: string, by: Dice): { isAstray: boolean; most: number } {
    const u = by.unit()
    const seen = { at: (held.get(leaker) ?? 0) + Math.min(60, (5 * u) / (1 - u)) * dayMs, clock: "estimated" } as const
    const entries = [...held].map(([name, since]) => ({ name, log: log10lr(since, seen, shippedModel) }))
    const own = entries.find(({ name }) => name === leaker)?.log ?? 0
    return {
        isAstray: entries.some(({ name, log }) => name !== leaker && log >= own),
        most: Math.max(...entries.map(({ log }) => log)),
    }
}
