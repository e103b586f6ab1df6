/**
 * The matrix of 10,000 partners and 100 artifacts, and the preview of a policy, by the number of different fact sets.
 * The cost must grow with fact sets, not with partners.
 *
 * Cedar is asked once for all partners that the rules treat alike. Rules that distinguish many regimes and many cases
 * need many questions; that time is shown without a floor.
 */
import v8 from "node:v8"
import vm from "node:vm"
import { type Instant, dayMs } from "@tocsin/base/instant"
import { openPolicyEngine } from "../server/src/platform/policy/engine.ts"
import { artifactClasses } from "../server/src/share/artifacts/artifact.ts"
import { compare } from "../server/src/share/entitlement/compare.ts"
import { type Decision, decide } from "../server/src/share/entitlement/decide.ts"
import type { ArtifactFacts, Consent, PartnerFacts } from "../server/src/share/entitlement/facts.ts"
import { type MatrixFacts, decideMatrix } from "../server/src/share/entitlement/matrix.ts"
import { threeTier, threeTierWithDuty } from "../server/src/share/entitlement/packs/three-tier.ts"
import { schemaText } from "../server/src/share/entitlement/schema.ts"
import { tiers } from "../server/src/trust/partners/partner.ts"
import { type Figure, type Reading, readingOf, measureSeconds, formatReading } from "./measure.ts"

const partnersCount = 10_000
const artifactsCount = 100
const factSets = [12, 120, 1200, partnersCount]
/** The same number of fact sets with other numbers of partners. */
const fewerPartners = 1200
/** Fact sets that also differ in duties, with policies that name each duty. */
const regimeSets = [1, 8, 32]
const regimesCount = 32
const rounds = 3
const directCount = 2000
const matrixSecondsMax = 2
const previewSecondsMax = 4
const megabytesMax = 500
const now: Instant = 0

const engine = openPolicyEngine()

export async function measureFactSets(): Promise<Figure> {
    engine.load("tiers", threeTier.text, schemaText)
    engine.load("duty", threeTierWithDuty.text, schemaText)
    engine.load("regimes", threeTierWithDuty.text + regimeRule(), schemaText)
    engine.load("each regime", threeTierWithDuty.text + ruleForEachRegime(), schemaText)
    const lines: [string, string][] = []
    let isMet = true
    for (const count of factSets) {
        const facts = matrixFactsOf(count)
        const [decided, previewed] = [
            await takeReadings(() => decideAll(facts)),
            await takeReadings(() => previewDutyRule(facts)),
        ]
        const megabytes = peakMegabytes()
        lines.push([`${count} fact sets: the whole matrix, with reasons`, formatReading(decided, "s", 3)])
        lines.push([`${count} fact sets: the preview of the duty rule`, formatReading(previewed, "s", 3)])
        lines.push([`${count} fact sets: most memory of the process so far`, `${megabytes} MB`])
        isMet &&= decided.median <= matrixSecondsMax && previewed.median <= previewSecondsMax
        isMet &&= megabytes <= megabytesMax
    }
    const fewer = matrixFactsOf(fewerPartners, fewerPartners)
    const text = `${fewerPartners} fact sets of ${fewerPartners} partners: the whole matrix`
    lines.push([text, formatReading(await takeReadings(() => decideAll(fewer)), "s", 3)])
    const ruleScope = `${regimesCount} regimes and ${casesCount} cases`
    for (const count of regimeSets) {
        const facts = matrixFactsOf(12, partnersCount, count)
        const sets = `12 fact sets × ${count} regimes`
        const decided = await takeReadings(() => decideMatrix(engine, "regimes", facts, now))
        const previewed = await takeReadings(() =>
            compare(decideAll(facts), decideMatrix(engine, "regimes", facts, now)),
        )
        lines.push([`${sets}, by a rule that names ${ruleScope}: matrix`, formatReading(decided, "s", 3)])
        lines.push([`${sets}, by a rule that names ${ruleScope}: preview`, formatReading(previewed, "s", 3)])
        isMet &&= decided.median <= matrixSecondsMax && previewed.median <= previewSecondsMax
        const secondsApart = await measureSeconds(() => decideMatrix(engine, "each regime", facts, now))
        lines.push([`${sets}, by a rule for each regime: matrix, once, no floor`, `${secondsApart.toFixed(1)} s`])
    }
    lines.push(...(await measureDirect()))
    return {
        title: `${partnersCount} partners × ${artifactsCount} artifacts`,
        lines,
        target: { text: "2 s, 4 s, 500 MB, save where rules tell regimes apart by case", isMet },
    }
}

const decideAll = (facts: MatrixFacts) => decideMatrix(engine, "duty", facts, now)
const previewDutyRule = (facts: MatrixFacts) => compare(decideMatrix(engine, "tiers", facts, now), decideAll(facts))

async function takeReadings(work: () => unknown): Promise<Reading> {
    const seconds: number[] = []
    for (let n = 0; n < rounds; n++) seconds.push(await measureSeconds(work))
    return readingOf(seconds)
}

/** CPU time of this process since its start. */
function peakMegabytes(): number {
    return Math.round(process.resourceUsage().maxRSS / 1024)
}

/** Decides cells one by one and keeps them; extrapolates from some cells to all. */
async function measureDirect(): Promise<[string, string][]> {
    const { partners, artifacts, consentOf } = matrixFactsOf(12)
    const decideSome = (): Decision[] =>
        Array.from({ length: directCount }, (_, n) => {
            const [partner, artifact] = [partners[n % partners.length], artifacts[n % artifacts.length]]
            if (!partner || !artifact) throw new Error("no such cell")
            const request = { partner, artifact, consent: consentOf(partner.partner, artifact.case) }
            return decide(engine, "duty", request, now)
        })
    const seconds = await takeReadings(decideSome)
    const before = heldBytes()
    const held = decideSome()
    const bytes = heldBytes() - before
    const total = (partnersCount * artifactsCount) / held.length
    return [
        [`direct: deciding ${held.length} cells one by one`, formatReading(seconds, "s", 3)],
        [
            `direct: as long for each of the ${partnersCount * artifactsCount} cells`,
            `${Math.round(seconds.median * total)} s`,
        ],
        ["direct: as many bytes for each of the cells", `${Math.round((bytes * total) / 2 ** 20)} MB`],
    ]
}

function heldBytes(): number {
    v8.setFlagsFromString("--expose-gc")
    const collect = vm.runInNewContext("gc") as () => void
    collect()
    return process.memoryUsage().heapUsed
}

/** Counts in a mixed radix, fastest digit first. */
function digitsOf(number: number, radices: readonly number[]): number[] {
    let rest = number
    return radices.map((radix) => {
        const digit = rest % radix
        rest = Math.floor(rest / radix)
        return digit
    })
}

const casesCount = Math.ceil(artifactsCount / artifactClasses.length)

/**
 * Builds `count` fact sets and assigns them to partners in turn. They differ in tier, duty, withheld classes per case,
 * and declined embargoes.
 */
function matrixFactsOf(count: number, partnersTotal = partnersCount, regimes = 1): MatrixFacts {
    const digits = (n: number) =>
        digitsOf(n % count, [tiers.length, 2, casesCount, artifactClasses.length, 2 ** casesCount])
    const numbers = new Map<string, number>()
    const partners = Array.from({ length: partnersTotal }, (_, n): PartnerFacts => {
        const [tier = 0, duty, caseNumber, withheld = 0] = digits(n)
        const ownRegimes = [`regime ${Math.floor(n / count) % regimes}`]
        const partner = `partner ${n}`
        numbers.set(partner, n)
        return {
            partner,
            tier: tiers[tier] ?? null,
            status: "active",
            agreement: "accepted",
            overdue: [],
            reporting: duty === 1 ? "always" : "never",
            dutyRegimes: duty === 1 ? ["RMSV", ...ownRegimes] : ownRegimes,
            restriction: {
                withhold: [artifactClasses[withheld] ?? "poc"],
                notBeforePublication: false,
                cases: [`case ${caseNumber}`],
            },
        }
    })
    const consentOf = (partner: string, caseId: string): Consent => {
        const declined = digits(numbers.get(partner) ?? 0)[4] ?? 0
        return (declined & (1 << Number(caseId.slice(5)))) > 0 ? "declined" : "signatory"
    }
    return { partners, artifacts: artifactsOfCases(), consentOf }
}

/** A policy that names each regime and case, with the same outcome for all. */
function regimeRule(): string {
    const regimes = Array.from({ length: regimesCount }, (_, n) => `Regime::"regime ${n}"`)
    const cases = Array.from({ length: casesCount }, (_, n) => `Case::"case ${n}"`)
    return `
@id("named") @title("Whoever is under none of these regimes has nothing of these cases")
forbid (principal, action, resource)
when { resource.cases.containsAny([${cases.join()}]) }
unless { principal.dutyRegimes.containsAny([${regimes.join()}]) };`
}

/** A policy that distinguishes regimes and cases: Cedar is asked about each pair. */
function ruleForEachRegime(): string {
    const rules = Array.from(
        { length: regimesCount },
        (_, n) => `
@id("regime-${n}") @title("Whoever is under this regime has nothing of this case")
forbid (principal, action, resource)
when { principal.dutyRegimes.contains(Regime::"regime ${n}") &&
    resource.cases.contains(Case::"case ${n % casesCount}") };`,
    )
    return rules.join("")
}

function artifactsOfCases(): ArtifactFacts[] {
    return Array.from({ length: artifactsCount }, (_, n): ArtifactFacts => {
        const [caseNumber, kind] = [Math.floor(n / artifactClasses.length), n % artifactClasses.length]
        const gate = (days: number) => ({ at: (caseNumber - days) * dayMs, releasedAt: null, version: null })
        return {
            artifact: `artifact ${n}`,
            case: `case ${caseNumber}`,
            origins: [],
            class: artifactClasses[kind] ?? "summary",
            newest: 1,
            closure: null,
            recalled: [],
            exploited: false,
            waves: { validate: gate(14), advance: gate(5), entry: gate(1), publication: gate(0) },
        }
    })
}
