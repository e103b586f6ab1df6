/** Samples that a rule is run against: those that it must hit, and those that it must not. */
import { type Finding, error, quoted, start, warning } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import type { SigmaRule } from "@tocsin/rules/sigma"
import { parseStrictJson } from "@tocsin/base/strict-json"

export const musts = ["hit", "miss"] as const
export type Must = (typeof musts)[number]

export interface Sample {
    readonly name: string
    readonly must: Must
    /** The sample itself, or its bytes in Base64. */
    readonly content: string
    readonly base64: boolean
}

export const samplesMax = 50
export const sampleCharsMax = 262_144
/** Of all samples of one artifact. */
export const corpusCharsMax = 2_000_000

const eventsMax = 1000

export function validateSample({ name, content, base64 }: Sample): void {
    if (name.trim() === "" || /\p{C}/u.test(name)) {
        refuse("invalid", "artifact.bad_sample", "a sample has a name, on one line")
    }
    if (!(content.length > 0 && content.length <= sampleCharsMax)) {
        refuse("invalid", "artifact.bad_sample", `a sample has 1 to \`${sampleCharsMax}\` characters`)
    }
    if (base64 && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
        refuse("invalid", "artifact.bad_sample", "this is not Base64")
    }
}

/** What came of running: whether anything of the rules hit; null where that could not be found out. */
export function sampleFinding({ name, must }: Sample, hit: boolean | null): Finding[] {
    if (hit === null) {
        return [warning(start, "artifact.sample_not_run", `the sample ${quoted(name)} could not be run`)]
    }
    if (hit === (must === "hit")) return []
    const message = hit
        ? `the sample ${quoted(name)} is hit, and must not be`
        : `the sample ${quoted(name)} must be hit, and is not`
    return [error(start, hit ? "artifact.sample_hit" : "artifact.sample_missed", message)]
}

/** Samples of a kind that nothing here runs. */
export function notRun(samples: readonly Sample[]): Finding[] {
    if (samples.length === 0) return []
    return [warning(start, "artifact.corpus_not_run", "nothing here runs rules of this kind: the samples say nothing")]
}

/** Each sample holds events, as JSON: one, a list, or one a line. Of those that must be hit, each must. */
export function runSigma(rules: readonly SigmaRule[], samples: readonly Sample[]): Finding[] {
    return samples.flatMap((sample) => {
        const events = eventsIn(sample)
        if (events === null) {
            const message = `the sample ${quoted(sample.name)} holds no log events as JSON`
            return [error(start, "artifact.sample_not_json", message)]
        }
        const hits = events.map((event) => hitBy(rules, event))
        if (hits.includes(null)) return sampleFinding(sample, null)
        return sampleFinding(sample, sample.must === "hit" ? hits.every(Boolean) : hits.some(Boolean))
    })
}

function hitBy(rules: readonly SigmaRule[], event: Fields): boolean | null {
    const hits = rules.map((rule) => rule.hits(event))
    if (hits.includes(true)) return true
    return hits.includes(null) ? null : false
}

type Fields = Readonly<Record<string, unknown>>

function eventsIn({ content, base64 }: Sample): readonly Fields[] | null {
    if (base64) return null
    const whole = jsonOf(content)
    const lines = content.split("\n").filter((item) => item.trim() !== "")
    const events = whole === undefined ? lines.slice(0, eventsMax + 1).map(jsonOf) : [whole].flat()
    return events.length > 0 && events.length <= eventsMax && events.every(isFields) ? events : null
}

function isFields(value: unknown): value is Fields {
    return typeof value === "object" && value !== null && !Array.isArray(value)
}

function jsonOf(text: string): unknown {
    try {
        return parseStrictJson(text)
    } catch {
        return undefined
    }
}
