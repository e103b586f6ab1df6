/**
 * A policy's own tests, kept beside its rules: this partner, this artifact, this instant → this outcome.
 *
 * One a line, for whoever answers for the policy to read:
 *
 *     advance with RMSV             | technical            | publication           | reduced, open
 *     entry                         | poc                  | advance               | full, waits
 *     entry; consent lapsed         | poc                  | entry                 | withheld
 *     validate                      | poc; bypass of 0197  | validate; frozen      | full, waits
 *
 * The partner is a tier (or `none`), with its duties by regime (`reports` stands for any regime of which policy knows
 * no more than that it can fall due before publication). The instant is that of a wave, all of whose waves were
 * released in their order. What else is so follows, in each part, after a `;`. The outcome is `full`, `at publication`
 * or `reduced`, and `open` or `waits`; or `withheld`.
 */
import type { Instant } from "../../lib/instant.ts"
import { refuse } from "../../lib/refusal.ts"
import { type DueKind, dueKinds } from "../../trust/partners/dues.ts"
import { dutyTable, reportingOf } from "../../trust/partners/duty.ts"
import { type AgreementState, standings, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import { type WaveTier, waveTiers } from "../waves/wave.ts"
import type { ArtifactFacts, Asked, Consent, Gate, PartnerFacts } from "./facts.ts"

export interface Example {
    /** In the text, from 1. */
    readonly line: number
    /** As it is written there. */
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

/** Empty lines, and what follows a `#`, say nothing. Refuses `policy.bad_example`, naming the line. */
export function parseExamples(text: string): Example[] {
    const lines = text.split("\n")
    if (!(text.length <= charsMax && lines.length <= linesMax)) {
        refuse(
            "invalid",
            "policy.too_many_examples",
            `examples have ${linesMax} lines and ${charsMax} characters at most`,
        )
    }
    return lines.flatMap((line, i) => {
        const said = line.replace(/#.*$/, "").trim()
        return said === "" ? [] : [parseExample(said, i + 1)]
    })
}

type Bad = (why: string) => never

function parseExample(said: string, line: number): Example {
    const bad: Bad = (why) => refuse("invalid", "policy.bad_example", `example on line ${line}: ${why}`)
    const [who = "", what = "", when = "", outcome = "", ...rest] = said.split("|").map((part) => part.trim())
    if (outcome === "" || rest.length > 0) bad("a partner, a class, a wave and an outcome, with `|` between them")
    const expects = outcome.replaceAll(/\s+/g, " ")
    if (!outcomes.includes(expects)) bad(`\`${shown(expects)}\` is no outcome: ${outcomes.join("; ")}`)
    const { partner, consent } = partnerIn(who, bad)
    const artifact = { ...artifactIn(what, bad), waves: wavesIn(when, bad) }
    return { line, said, asked: { partner, consent, artifact }, now: instantOf(when), expects }
}

/** What may follow a `;`, as words and what they change. `*` stands for whatever is named. */
type Fact<Facts> = readonly [words: string, change: (facts: Facts, named: string) => Facts]

function withFacts<Facts>(begun: Facts, said: readonly string[], known: readonly Fact<Facts>[], bad: Bad): Facts {
    let facts = begun
    for (const one of said.map((words) => words.replaceAll(/\s+/g, " "))) {
        const fact = known.find(([words]) => (words.endsWith("*") ? one.startsWith(words.slice(0, -1)) : one === words))
        if (!fact) return bad(`\`${shown(one)}\` is no fact here: ${known.map(([words]) => words).join("; ")}`)
        facts = fact[1](facts, one.slice(fact[0].length - 1).trim())
    }
    return facts
}

const partsOf = (said: string): string[] => said.split(";").map((part) => part.trim())
const listed = (said: string): string[] => said.split(",").map((one) => one.trim())

// --- The partner

interface Who {
    readonly partner: PartnerFacts
    readonly consent: Consent
}

const consents: readonly Consent[] = ["none", "invited", "signatory", "lapsed", "declined"]
const agreements: readonly AgreementState[] = ["accepted", "lapsed", "none"]
const open = { withhold: [], notBeforePublication: false, cases: null }

const partnerFacts: readonly Fact<Who>[] = [
    ...standings.map((standing) => about(`standing ${standing}`, () => ({ standing }))),
    ...agreements.map((agreement) => about(`agreement ${agreement}`, () => ({ agreement }))),
    ...dueKinds.map((kind) => about(`overdue ${kind}`, ({ overdue }) => ({ overdue: [...overdue, kind as DueKind] }))),
    ...consents.map((consent): Fact<Who> => [`consent ${consent}`, (who) => ({ ...who, consent })]),
    about("restricted to publication", ({ restriction }) => ({
        restriction: { ...(restriction ?? open), notBeforePublication: true },
    })),
    about("restricted from *", ({ restriction }, named) => ({
        restriction: { ...(restriction ?? open), withhold: listed(named) },
    })),
]

function about(words: string, change: (partner: PartnerFacts, named: string) => Partial<PartnerFacts>): Fact<Who> {
    return [words, (who, named) => ({ ...who, partner: { ...who.partner, ...change(who.partner, named) } })]
}

function partnerIn(said: string, bad: Bad): Who {
    const [head = "", ...facts] = partsOf(said)
    const [tier = "", duties, ...more] = head.split(/\s+with\s+/)
    if (!["none", ...tiers].includes(tier) || more.length > 0) bad(`\`${shown(tier)}\` is no tier`)
    const regimes = duties === undefined ? [] : listed(duties)
    const known = dutyTable.filter((duty) => regimes.includes(duty.regime))
    const partner: PartnerFacts = {
        partner: "example",
        tier: isOneOf(tiers, tier) ? tier : null,
        standing: "active",
        reporting: regimes.includes("reports") ? "always" : reportingOf(known),
        dutyRegimes: regimes.filter((one) => one !== "reports"),
        agreement: "accepted",
        overdue: [],
        restriction: null,
    }
    const who = withFacts<Who>({ partner, consent: "signatory" }, facts, partnerFacts, bad)
    const odd = who.partner.restriction?.withhold.find((one) => !isOneOf(artifactClasses, one))
    return odd === undefined ? who : bad(`\`${shown(odd)}\` is no class`)
}

// --- The artifact

type What = Omit<ArtifactFacts, "waves">

const descends = (what: What, named: string): What => ({ ...what, origins: [...what.origins, named] })

const artifactFacts: readonly Fact<What>[] = [
    ["case *", (what, named) => ({ ...what, case: named })],
    ["bypass of *", descends],
    ["variant of *", descends],
    ["exploited", (what) => ({ ...what, exploited: true })],
    ["recalled", (what) => ({ ...what, recalled: ["every"] })],
    ["recalled and written anew", (what) => ({ ...what, newest: 2, recalled: [1] })],
]

function artifactIn(said: string, bad: Bad): What {
    const [kind = "", ...facts] = partsOf(said)
    if (!isOneOf<ArtifactClass>(artifactClasses, kind)) return bad(`\`${shown(kind)}\` is no class`)
    const unlinked = { artifact: "example", case: "example", origins: [] }
    const what: What = { ...unlinked, class: kind, newest: 1, recalled: [], exploited: false, closing: null }
    return withFacts(what, facts, artifactFacts, bad)
}

// --- The instant

type Waves = Readonly<Record<WaveTier, Gate>>

const instants: Readonly<Record<WaveTier, Instant>> = { validate: 1, advance: 2, entry: 3, publication: 4 }

const instantOf = (said: string): Instant => instants[partsOf(said)[0] as WaveTier]

function wavesIn(said: string, bad: Bad): Waves {
    const [wave = "", ...facts] = partsOf(said)
    if (!isOneOf(waveTiers, wave)) return bad(`\`${shown(wave)}\` is no wave`)
    const now = instants[wave]
    const opened = { releasedAt: now, version: 1 }
    const shut = { releasedAt: null, version: null }
    const each = (gate: (tier: WaveTier) => Gate): Waves => ({
        ...{ validate: gate("validate"), advance: gate("advance") },
        ...{ entry: gate("entry"), publication: gate("publication") },
    })
    const fallen = (tier: WaveTier): Gate => ({ at: instants[tier], ...(instants[tier] <= now ? opened : shut) })
    const known: readonly Fact<Waves>[] = [
        ["frozen", (waves) => ({ ...waves, [wave]: { ...waves[wave], ...shut } })],
        ["embargo none", () => each(() => ({ at: null, ...shut }))],
        ["embargo proposed", () => each(() => ({ at: null, ...shut }))],
        ["embargo moved later", (waves) => each((tier) => ({ ...waves[tier], at: instants[tier] + now }))],
        ["embargo broken", (waves) => each((tier) => ({ ...waves[tier], at: Math.min(instants[tier], now) }))],
        ["embargo broken and released", () => each((tier) => ({ at: Math.min(instants[tier], now), ...opened }))],
    ]
    return withFacts(each(fallen), facts, known, bad)
}

function isOneOf<Word extends string>(words: readonly Word[], said: string): said is Word {
    return (words as readonly string[]).includes(said)
}

function shown(text: string): string {
    return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
