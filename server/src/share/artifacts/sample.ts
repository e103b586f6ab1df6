/** Samples for testing a rule: those that it must hit, and those that it must miss. */
import { type Issue, error, quote, textStart, warning } from "@tocsin/base/issue"
import { refuse } from "@tocsin/base/refusal"
import type { SigmaRule } from "@tocsin/rules/sigma"
import { parseStrictJson } from "@tocsin/base/strict-json"

export const sampleExpectations = ["hit", "miss"] as const

/** What a rule must do with a sample. */
export type SampleExpectation = (typeof sampleExpectations)[number]

/** A sample that rules of a case are tested with. */
export interface Sample {
    readonly name: string
    readonly must: SampleExpectation
    /** The sample as text, or its bytes in Base64. */
    readonly content: string
    readonly base64: boolean
}

export const samplesMax = 50
export const sampleCharsMax = 262_144
/** The limit for all samples of one artifact together. */
export const corpusCharsMax = 2_000_000

const eventsMax = 1000

/** Refuses `artifact.bad_sample`. */
export function validateSample({ name, content, base64 }: Sample): void {
    if (name.trim() === "" || /\p{C}/u.test(name)) {
        refuse("invalid", "artifact.bad_sample", "bad sample: use a name of one line")
    }
    if (!(content.length > 0 && content.length <= sampleCharsMax)) {
        refuse("invalid", "artifact.bad_sample", `bad sample: use \`1\` to \`${sampleCharsMax}\` characters`, {
            max: sampleCharsMax,
        })
    }
    if (base64 && !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) {
        refuse("invalid", "artifact.bad_sample", "bad sample: the content is not Base64")
    }
}

/** Returns the issue of one sample; `hit` is null where the rules could not run. */
export function sampleIssues({ name, must }: Sample, hit: boolean | null): Issue[] {
    if (hit === null) {
        return [warning(textStart, "artifact.sample_not_run", `the sample ${quote(name)} could not be run`)]
    }
    if (hit === (must === "hit")) return []
    const message = hit
        ? `the sample ${quote(name)} is hit, but must be missed`
        : `the sample ${quote(name)} is missed, but must be hit`
    return [error(textStart, hit ? "artifact.sample_hit" : "artifact.sample_missed", message)]
}

/** Lists the issues of samples in a format that has no engine here. */
export function samplesNotRun(samples: readonly Sample[]): Issue[] {
    if (samples.length === 0) return []
    return [
        warning(textStart, "artifact.corpus_not_run", "no engine runs rules of this kind: the samples are not tested"),
    ]
}

/**
 * Runs Sigma rules over samples of JSON events: one event, a list, or one a line. Every event of a `hit` sample must
 * hit.
 */
export function runSigma(rules: readonly SigmaRule[], samples: readonly Sample[]): Issue[] {
    return samples.flatMap((sample) => {
        const events = eventsIn(sample)
        if (events === null) {
            const message = `the sample ${quote(sample.name)} has no log events as JSON`
            return [error(textStart, "artifact.sample_not_json", message)]
        }
        const hits = events.map((event) => isHit(rules, event))
        if (hits.includes(null)) return sampleIssues(sample, null)
        return sampleIssues(sample, sample.must === "hit" ? hits.every(Boolean) : hits.some(Boolean))
    })
}

function isHit(rules: readonly SigmaRule[], event: Fields): boolean | null {
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
