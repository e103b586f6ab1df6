/**
 * Parses a policy's own examples: this partner, this artifact, this instant → this outcome.
 *
 * One example a line, in a form that policy owners can read:
 *
 *     advance with RMSV             | technical            | publication           | reduced, open
 *     entry                         | poc                  | advance               | full, waits
 *     entry; consent expired        | poc                  | entry                 | withheld
 *     validate                      | poc; bypass of 0197  | validate; frozen      | full, waits
 *
 * The partner is a tier (or `none`) with its duties by regime. `reports` is any regime of which the policy knows only
 * that a report can be due before publication. The instant is that of a wave; this wave and all earlier ones are
 * released. More facts follow in each part, each after a `;`. The outcome is `full`, `at publication` or `reduced`,
 * with `open` or `waits`; or `withheld`.
 */
import { valueText } from "@tocsin/base/value-text"
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { type DueKind, dueKinds } from "../../trust/partners/requirements/requirement.ts"
import { dutyTable, reportingOf } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { type AgreementState, standings, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import { type WaveTier, waveTiers } from "../waves/wave.ts"
import type { ArtifactFacts, Asked, Consent, Gate, PartnerFacts } from "./facts.ts"

/** An example of a policy: a question and the expected outcome. */
export interface Example {
    /** The line number in the text, from 1. */
    readonly line: number
    /** The example as written, without its comment. */
    readonly said: string
    readonly asked: Asked
    readonly now: Instant
    readonly expects: string
}

const linesMax = 500
const charsMax = 32_768
const outcomes = [
    ...["full", "at publication", "reduced"].flatMap((form) => [`${form}, open`, `${form}, waits`]),
    "withheld",
]

/**
 * Parses the examples of a policy. Empty lines and text after a `#` are ignored. Refuses `policy.bad_example` with the
 * line, and `policy.too_many_examples`.
 */
export function parseExamples(text: string): Example[] {
    const lines = text.split("\n")
    if (!(text.length <= charsMax && lines.length <= linesMax)) {
        refuse(
            "invalid",
            "policy.too_many_examples",
            `the examples are too long: use at most \`${linesMax}\` lines and \`${charsMax}\` characters`,
        )
    }
    return lines.flatMap((line, i) => {
        const input = line.replace(/#.*$/, "").trim()
        return input === "" ? [] : [parseExample(input, i + 1)]
    })
}

type Bad = (why: string) => never

function parseExample(input: string, line: number): Example {
    const bad: Bad = (why) => refuse("invalid", "policy.bad_example", `example on line ${line}: ${why}`)
    const [person = "", kind = "", when = "", outcome = "", ...rest] = input.split("|").map((part) => part.trim())
    if (outcome === "" || rest.length > 0) bad("write a partner, a class, a wave and an outcome, separated by `|`")
    const expects = outcome.replaceAll(/\s+/g, " ")
    if (!outcomes.includes(expects)) bad(`\`${shown(expects)}\` is not an outcome: use one of ${outcomes.join("; ")}`)
    const { partner, consent } = partnerIn(person, bad)
    const artifact = { ...artifactIn(kind, bad), waves: wavesIn(when, bad) }
    return { line, said: input, asked: { partner, consent, artifact }, now: instantOf(when), expects }
}

/** What may follow a `;`: the text, and how it changes the facts. A final `*` matches any name. */
type Fact<Facts> = readonly [words: string, change: (facts: Facts, named: string) => Facts]

function withFacts<Facts>(begun: Facts, inputs: readonly string[], known: readonly Fact<Facts>[], bad: Bad): Facts {
    let facts = begun
    for (const item of inputs.map((input) => input.replaceAll(/\s+/g, " "))) {
        const fact = known.find(([text]) => (text.endsWith("*") ? item.startsWith(text.slice(0, -1)) : item === text))
        if (!fact)
            return bad(`\`${shown(item)}\` is not a fact here: use one of ${known.map(([text]) => text).join("; ")}`)
        facts = fact[1](facts, item.slice(fact[0].length - 1).trim())
    }
    return facts
}

const partsOf = (input: string): string[] => input.split(";").map((part) => part.trim())
const listed = (input: string): string[] => input.split(",").map((item) => item.trim())

interface Who {
    readonly partner: PartnerFacts
    readonly consent: Consent
}

const consents: readonly Consent[] = ["none", "invited", "signatory", "expired", "declined"]
const agreements: readonly AgreementState[] = ["accepted", "expired", "none"]
const open = { withhold: [], notBeforePublication: false, cases: null }

const partnerFacts: readonly Fact<Who>[] = [
    ...standings.map((standing) => about(`status ${standing}`, () => ({ standing }))),
    ...agreements.map((agreement) => about(`agreement ${agreement}`, () => ({ agreement }))),
    ...dueKinds.map((kind) =>
        about(`overdue ${valueText(kind)}`, ({ overdue }) => ({ overdue: [...overdue, kind as DueKind] })),
    ),
    ...consents.map((consent): Fact<Who> => [`consent ${consent}`, (person) => ({ ...person, consent })]),
    about("restricted to publication", ({ restriction }) => ({
        restriction: { ...(restriction ?? open), notBeforePublication: true },
    })),
    about("restricted from *", ({ restriction }, named) => ({
        restriction: { ...(restriction ?? open), withhold: listed(named) },
    })),
]

function about(text: string, change: (partner: PartnerFacts, named: string) => Partial<PartnerFacts>): Fact<Who> {
    return [text, (person, named) => ({ ...person, partner: { ...person.partner, ...change(person.partner, named) } })]
}

function partnerIn(input: string, bad: Bad): Who {
    const [head = "", ...facts] = partsOf(input)
    const [tier = "", duties, ...more] = head.split(/\s+with\s+/)
    if (!["none", ...tiers].includes(tier) || more.length > 0)
        bad(`\`${shown(tier)}\` is not a tier: use ${[...tiers, "none"].join(", ")}`)
    const regimes = duties === undefined ? [] : listed(duties)
    const known = dutyTable.filter((duty) => regimes.includes(duty.regime))
    const partner: PartnerFacts = {
        partner: "example",
        tier: isOneOf(tiers, tier) ? tier : null,
        standing: "active",
        reporting: regimes.includes("reports") ? "always" : reportingOf(known),
        dutyRegimes: regimes.filter((regime) => regime !== "reports"),
        agreement: "accepted",
        overdue: [],
        restriction: null,
    }
    const person = withFacts<Who>({ partner, consent: "signatory" }, facts, partnerFacts, bad)
    const odd = person.partner.restriction?.withhold.find((item) => !isOneOf(artifactClasses, item))
    return odd === undefined ? person : bad(`\`${shown(odd)}\` is not a class`)
}

type What = Omit<ArtifactFacts, "waves">

const descends = (artifact: What, named: string): What => ({ ...artifact, origins: [...artifact.origins, named] })

const artifactFacts: readonly Fact<What>[] = [
    ["case *", (artifact, named) => ({ ...artifact, case: named })],
    ["bypass of *", descends],
    ["variant of *", descends],
    ["exploited", (artifact) => ({ ...artifact, exploited: true })],
    ["recalled", (artifact) => ({ ...artifact, recalled: ["every"] })],
    ["recalled and written anew", (artifact) => ({ ...artifact, newest: 2, recalled: [1] })],
]

function artifactIn(input: string, bad: Bad): What {
    const [kind = "", ...facts] = partsOf(input)
    if (!isOneOf<ArtifactClass>(artifactClasses, kind)) return bad(`\`${shown(kind)}\` is not a class`)
    const unlinked = { artifact: "example", case: "example", origins: [] }
    const artifact: What = { ...unlinked, class: kind, newest: 1, recalled: [], exploited: false, closing: null }
    return withFacts(artifact, facts, artifactFacts, bad)
}

type Waves = Readonly<Record<WaveTier, Gate>>

const instants: Readonly<Record<WaveTier, Instant>> = { validate: 1, advance: 2, entry: 3, publication: 4 }

const instantOf = (input: string): Instant => instants[partsOf(input)[0] as WaveTier]

function wavesIn(input: string, bad: Bad): Waves {
    const [wave = "", ...facts] = partsOf(input)
    if (!isOneOf(waveTiers, wave)) return bad(`\`${shown(wave)}\` is not a wave`)
    const now = instants[wave]
    const opened = { releasedAt: now, version: 1 }
    const shut = { releasedAt: null, version: null }
    const each = (gate: (tier: WaveTier) => Gate): Waves => ({
        validate: gate("validate"),
        advance: gate("advance"),
        entry: gate("entry"),
        publication: gate("publication"),
    })
    const released = (tier: WaveTier): Gate => ({ at: instants[tier], ...(instants[tier] <= now ? opened : shut) })
    const known: readonly Fact<Waves>[] = [
        ["frozen", (waves) => ({ ...waves, [wave]: { ...waves[wave], ...shut } })],
        ["embargo none", () => each(() => ({ at: null, ...shut }))],
        ["embargo proposed", () => each(() => ({ at: null, ...shut }))],
        ["embargo moved later", (waves) => each((tier) => ({ ...waves[tier], at: instants[tier] + now }))],
        ["embargo terminated", (waves) => each((tier) => ({ ...waves[tier], at: Math.min(instants[tier], now) }))],
        ["embargo terminated and released", () => each((tier) => ({ at: Math.min(instants[tier], now), ...opened }))],
    ]
    return withFacts(each(released), facts, known, bad)
}

function isOneOf<Word extends string>(words: readonly Word[], input: string): input is Word {
    return (words as readonly string[]).includes(input)
}

function shown(text: string): string {
    return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
