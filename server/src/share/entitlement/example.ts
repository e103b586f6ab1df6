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
import { type RequirementKind, requirementKinds } from "../../trust/partners/requirements/requirement.ts"
import { dutyTable, reportingOf } from "../../trust/partners/reporting-duties/reporting-duties.ts"
import { type AgreementState, partnerStatuses, tiers } from "../../trust/partners/partner.ts"
import { type ArtifactClass, artifactClasses } from "../artifacts/artifact.ts"
import { type WaveTier, waveTiers } from "../waves/wave.ts"
import type { ArtifactFacts, DecisionRequest, Consent, WaveFacts, PartnerFacts } from "./facts.ts"

/** An example of a policy: a question and the expected outcome. */
export interface Example {
    /** The line number in the text, from 1. */
    readonly line: number
    /** The example as written, without its comment. */
    readonly text: string
    readonly request: DecisionRequest
    readonly now: Instant
    readonly expectedOutcome: string
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
            { max: linesMax, charsMax },
        )
    }
    return lines.flatMap((line, i) => {
        const example = line.replace(/#.*$/, "").trim()
        return example === "" ? [] : [parseExample(example, i + 1)]
    })
}

type RefuseLine = (reason: string) => never

function parseExample(text: string, line: number): Example {
    const refuseLine: RefuseLine = (reason) =>
        refuse("invalid", "policy.bad_example", `example on line ${line}: ${reason}`, { line, reason })
    const [partnerPart = "", artifactPart = "", wavePart = "", outcomePart = "", ...rest] = text
        .split("|")
        .map((part) => part.trim())
    if (outcomePart === "" || rest.length > 0)
        refuseLine("write a partner, a class, a wave and an outcome, separated by `|`")
    const expectedOutcome = outcomePart.replaceAll(/\s+/g, " ")
    if (!outcomes.includes(expectedOutcome))
        refuseLine(`\`${shortened(expectedOutcome)}\` is not an outcome: use one of ${outcomes.join("; ")}`)
    const { partner, consent } = partnerIn(partnerPart, refuseLine)
    const artifact = { ...artifactIn(artifactPart, refuseLine), waves: wavesIn(wavePart, refuseLine) }
    return { line, text, request: { partner, consent, artifact }, now: instantOf(wavePart), expectedOutcome }
}

/** What may follow a `;`: the text, and how it changes the facts. A final `*` matches any name. */
type FactSyntax<Facts> = readonly [text: string, change: (facts: Facts, name: string) => Facts]

function withFacts<Facts>(
    initial: Facts,
    parts: readonly string[],
    syntax: readonly FactSyntax<Facts>[],
    refuseLine: RefuseLine,
): Facts {
    let facts = initial
    for (const factText of parts.map((part) => part.replaceAll(/\s+/g, " "))) {
        const fact = syntax.find(([text]) =>
            text.endsWith("*") ? factText.startsWith(text.slice(0, -1)) : factText === text,
        )
        if (!fact)
            return refuseLine(
                `\`${shortened(factText)}\` is not a fact here: use one of ${syntax.map(([text]) => text).join("; ")}`,
            )
        facts = fact[1](facts, factText.slice(fact[0].length - 1).trim())
    }
    return facts
}

const partsOf = (text: string): string[] => text.split(";").map((part) => part.trim())
const splitNames = (text: string): string[] => text.split(",").map((name) => name.trim())

interface ExamplePartner {
    readonly partner: PartnerFacts
    readonly consent: Consent
}

const consents: readonly Consent[] = ["none", "invited", "signatory", "expired", "declined"]
const agreements: readonly AgreementState[] = ["accepted", "expired", "none"]
const unrestricted = { withhold: [], notBeforePublication: false, cases: null }

const partnerFacts: readonly FactSyntax<ExamplePartner>[] = [
    ...partnerStatuses.map((status) => partnerFact(`status ${status}`, () => ({ status }))),
    ...agreements.map((agreement) => partnerFact(`agreement ${agreement}`, () => ({ agreement }))),
    ...requirementKinds.map((kind) =>
        partnerFact(`overdue ${valueText(kind)}`, ({ overdue }) => ({
            overdue: [...overdue, kind as RequirementKind],
        })),
    ),
    ...consents.map((consent): FactSyntax<ExamplePartner> => [
        `consent ${consent}`,
        (example) => ({ ...example, consent }),
    ]),
    partnerFact("restricted to publication", ({ restriction }) => ({
        restriction: { ...(restriction ?? unrestricted), notBeforePublication: true },
    })),
    partnerFact("restricted from *", ({ restriction }, name) => ({
        restriction: { ...(restriction ?? unrestricted), withhold: splitNames(name) },
    })),
]

function partnerFact(
    text: string,
    change: (partner: PartnerFacts, name: string) => Partial<PartnerFacts>,
): FactSyntax<ExamplePartner> {
    return [
        text,
        (example, name) => ({ ...example, partner: { ...example.partner, ...change(example.partner, name) } }),
    ]
}

function partnerIn(text: string, refuseLine: RefuseLine): ExamplePartner {
    const [tierPart = "", ...facts] = partsOf(text)
    const [tier = "", dutyNames, ...rest] = tierPart.split(/\s+with\s+/)
    if (!["none", ...tiers].includes(tier) || rest.length > 0)
        refuseLine(`\`${shortened(tier)}\` is not a tier: use ${[...tiers, "none"].join(", ")}`)
    const regimes = dutyNames === undefined ? [] : splitNames(dutyNames)
    const knownDuties = dutyTable.filter((duty) => regimes.includes(duty.regime))
    const partner: PartnerFacts = {
        partner: "example",
        tier: isOneOf(tiers, tier) ? tier : null,
        status: "active",
        reporting: regimes.includes("reports") ? "always" : reportingOf(knownDuties),
        dutyRegimes: regimes.filter((regime) => regime !== "reports"),
        agreement: "accepted",
        overdue: [],
        restriction: null,
    }
    const example = withFacts<ExamplePartner>({ partner, consent: "signatory" }, facts, partnerFacts, refuseLine)
    const unknownClass = example.partner.restriction?.withhold.find((item) => !isOneOf(artifactClasses, item))
    return unknownClass === undefined ? example : refuseLine(`\`${shortened(unknownClass)}\` is not a class`)
}

type ExampleArtifact = Omit<ArtifactFacts, "waves">

const withOrigin = (artifact: ExampleArtifact, name: string): ExampleArtifact => ({
    ...artifact,
    origins: [...artifact.origins, name],
})

const artifactFacts: readonly FactSyntax<ExampleArtifact>[] = [
    ["case *", (artifact, name) => ({ ...artifact, case: name })],
    ["bypass of *", withOrigin],
    ["variant of *", withOrigin],
    ["exploited", (artifact) => ({ ...artifact, exploited: true })],
    ["recalled", (artifact) => ({ ...artifact, recalled: ["every"] })],
    ["recalled and revised", (artifact) => ({ ...artifact, newest: 2, recalled: [1] })],
]

function artifactIn(text: string, refuseLine: RefuseLine): ExampleArtifact {
    const [artifactClass = "", ...facts] = partsOf(text)
    if (!isOneOf<ArtifactClass>(artifactClasses, artifactClass))
        return refuseLine(`\`${shortened(artifactClass)}\` is not a class`)
    const unlinked = { artifact: "example", case: "example", origins: [] }
    const artifact: ExampleArtifact = {
        ...unlinked,
        class: artifactClass,
        newest: 1,
        recalled: [],
        exploited: false,
        closure: null,
    }
    return withFacts(artifact, facts, artifactFacts, refuseLine)
}

type ExampleWaves = Readonly<Record<WaveTier, WaveFacts>>

const instants: Readonly<Record<WaveTier, Instant>> = { validate: 1, advance: 2, entry: 3, publication: 4 }

const instantOf = (text: string): Instant => instants[partsOf(text)[0] as WaveTier]

function wavesIn(text: string, refuseLine: RefuseLine): ExampleWaves {
    const [wave = "", ...facts] = partsOf(text)
    if (!isOneOf(waveTiers, wave)) return refuseLine(`\`${shortened(wave)}\` is not a wave`)
    const now = instants[wave]
    const opened = { releasedAt: now, version: 1 }
    const shut = { releasedAt: null, version: null }
    const wavesWith = (factsOf: (tier: WaveTier) => WaveFacts): ExampleWaves => ({
        validate: factsOf("validate"),
        advance: factsOf("advance"),
        entry: factsOf("entry"),
        publication: factsOf("publication"),
    })
    const released = (tier: WaveTier): WaveFacts => ({ at: instants[tier], ...(instants[tier] <= now ? opened : shut) })
    const waveFacts: readonly FactSyntax<ExampleWaves>[] = [
        ["frozen", (waves) => ({ ...waves, [wave]: { ...waves[wave], ...shut } })],
        ["embargo none", () => wavesWith(() => ({ at: null, ...shut }))],
        ["embargo proposed", () => wavesWith(() => ({ at: null, ...shut }))],
        ["embargo moved later", (waves) => wavesWith((tier) => ({ ...waves[tier], at: instants[tier] + now }))],
        ["embargo terminated", (waves) => wavesWith((tier) => ({ ...waves[tier], at: Math.min(instants[tier], now) }))],
        [
            "embargo terminated and released",
            () => wavesWith((tier) => ({ at: Math.min(instants[tier], now), ...opened })),
        ],
    ]
    return withFacts(wavesWith(released), facts, waveFacts, refuseLine)
}

function isOneOf<Item extends string>(list: readonly Item[], text: string): text is Item {
    return (list as readonly string[]).includes(text)
}

function shortened(text: string): string {
    return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
