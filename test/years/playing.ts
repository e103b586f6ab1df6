/** Runs one program over its years: adds and weighs each leak, and examines everything after it. */
import { type Dice, dice } from "../../bench/tracing/dice.ts"
import type { Strategy } from "../../bench/tracing/leaks.ts"
import { combineEvidence } from "@tocsin/marks/evidence/cross-case"
import { type EvidenceBound, type Leak, crossCaseEvidenceOf } from "@tocsin/marks/evidence/cross-case-evidence"
import { dayMs } from "@tocsin/base/instant"
import { leakScoresOf } from "../../server/src/trace/attribution/scores.ts"
import { type Treatment, fromCopies, fromElsewhere, fromMaster } from "./leaking.ts"
import { type Program, type Setting, type Version, programOf } from "./program.ts"
import { type Filed, attributed } from "./weighing.ts"

/** The probability per case, and its readable slots. */
type Coming = Treatment & { readonly chance: number }

export interface Course {
    readonly title: string
    readonly setting: Setting
    /** The colluders, each time all who have a copy. */
    readonly leakers: number
    readonly leaks: Coming & {
        readonly strategies: readonly Strategy[]
        /** The unmarked text that tools polled, which is equal for all. */
        readonly isPolled?: boolean
    }
    /** Texts from no copy. */
    readonly elsewhere: Coming
    /** The maximum rate at which a version's leak is followed by another: other text, or the same again. */
    readonly again: number
    /** The strongest candidate may get no copy of the next case. */
    readonly isPlanned: boolean
}

export interface Rules {
    /** Of each leak, and of an inquiry. */
    readonly alpha: number
    /** The errors of cross-case evidence. The first decides what is planned. */
    readonly ledgers: readonly EvidenceBound[]
    /** Whether it ends once the first cross-case evidence identifies a leaker. */
    readonly stops: boolean
}

export interface Outcome {
    readonly weighed: number
    /** Leaks whose own rule identifies an uninvolved recipient. */
    readonly wronglyByLeak: number
    /** By error: whether cross-case evidence ever identified a recipient that had not leaked by then. */
    readonly wronglyByLedger: readonly boolean[]
    /** Whether a final inquiry into everything identifies such a recipient. */
    readonly wronglyByInquiry: boolean
    /** Leaks from copies, and those that identify one of their sources alone. */
    readonly fromCopies: number
    readonly namedByLeak: number
    /** Leaks from copies, and cases, until the first cross-case evidence identified a source. Null: never. */
    readonly tillNamed: { readonly leaks: number; readonly cases: number } | null
}

export function played(course: Course, rules: Rules, seed: number): Outcome {
    const by = dice(seed)
    const program = programOf(course.setting, by.below(2 ** 31))
    const leakers = drawn(program.partners, course.leakers, by)
    const files = new Files(rules)
    let withheld: readonly string[] = []
    for (let n = 0; n < course.setting.cases && !(rules.stops && files.tillNamed !== null); n++) {
        const versions = program.opened(n, withheld)
        for (const filed of filedOf(course, { program, versions, leakers }, by)) {
            files.add(filed, attributed(filed, versions, rules.alpha, by), n + 1)
        }
        withheld = course.isPlanned ? files.suspected(by) : []
    }
    return files.outcome()
}

const drawn = (names: readonly string[], count: number, by: Dice): string[] =>
    names
        .map((name) => ({ name, order: by.unit() }))
        .toSorted((a, b) => a.order - b.order)
        .slice(0, count)
        .map(({ name }) => name)

interface World {
    readonly program: Program
    readonly versions: readonly Version[]
    readonly leakers: readonly string[]
}

/** The leaks of one case, in the order of their addition. */
function filedOf({ leaks, elsewhere, again }: Course, { program, versions, leakers }: World, by: Dice): Filed[] {
    const version = versions[by.below(versions.length)]
    if (version === undefined) return []
    const { design } = program.setting
    const isOfCopies = version.marks !== null && leaks.isPolled !== true
    const seen = version.at + (1 + by.unit() * 40) * dayMs
    const sources = leakers.filter((name) => (version.held.get(name) ?? Infinity) < seen)
    const strategy = leaks.strategies[by.below(leaks.strategies.length)] ?? "interleave"
    const read = (isLeak: boolean) => {
        if (version.marks === null) return []
        const marks = version.marks()
        if (!isLeak) return fromElsewhere(marks.book.coins, elsewhere, by)
        if (!isOfCopies) return fromMaster(marks.book.coins, leaks, by)
        return fromCopies(marks, sources, { ...leaks, design, strategy }, by)
    }
    const filed: Filed[] = []
    const add = (isLeak: boolean) => {
        const before = filed.at(-1)
        const isAgain = before !== undefined && by.unit() < 0.2
        const symbols = isAgain ? before.symbols : read(isLeak)
        const entries = isAgain ? before.sources : isLeak && isOfCopies ? sources : []
        filed.push({ version, at: seen + filed.length * dayMs, symbols, sources: entries })
    }
    for (const [isLeak, { chance }] of [
        [true, leaks],
        [false, elsewhere],
    ] as const) {
        if ((isLeak && sources.length === 0) || by.unit() >= chance) continue
        add(isLeak)
        for (let more = by.below(again + 1); more > 0; more--) add(isLeak)
    }
    return filed
}

/** The evidence so far, with its results. */
class Files {
    readonly #rules: Rules
    readonly #leaks: Leak[] = []
    readonly #guilty = new Set<string>()
    readonly #wronglyByLedger: boolean[]
    #weighed = 0
    #wronglyByLeak = 0
    #fromCopies = 0
    #namedByLeak = 0
    #best: string | null = null
    tillNamed: Outcome["tillNamed"] = null

    constructor(rules: Rules) {
        this.#rules = rules
        this.#wronglyByLedger = rules.ledgers.map(() => false)
    }

    add({ sources }: Filed, result: ReturnType<typeof attributed>, cases: number): void {
        this.#weighed += 1
        for (const source of sources) this.#guilty.add(source)
        const identified = result.documents.flatMap((document) => document.identified)
        this.#wronglyByLeak += Number(identified.some((item) => !sources.includes(item)))
        this.#fromCopies += Number(sources.length > 0)
        this.#namedByLeak += Number(identified.some((item) => sources.includes(item)))
        const weighed = leakScoresOf(result)
        if (weighed === null) return
        this.#leaks.push({ id: `leak ${this.#leaks.length}`, ...weighed })
        this.#look(cases)
    }

    #look(cases: number): void {
        this.#rules.ledgers.forEach((bound, i) => {
            const { ranking } = crossCaseEvidenceOf(this.#leaks, bound)
            const identified = ranking.filter((item) => item.identified).map(({ recipient }) => recipient)
            this.#wronglyByLedger[i] ||= identified.some((item) => !this.#guilty.has(item))
            if (i > 0) return
            this.#best = ranking[0]?.recipient ?? null
            if (this.tillNamed === null && identified.some((item) => this.#guilty.has(item))) {
                this.tillNamed = { leaks: this.#fromCopies, cases }
            }
        })
    }

    suspected(by: Dice): string[] {
        return this.#best !== null && by.unit() < 0.5 ? [this.#best] : []
    }

    outcome(): Outcome {
        const { ranking } = combineEvidence(this.#leaks, this.#rules.alpha)
        return {
            weighed: this.#weighed,
            wronglyByLeak: this.#wronglyByLeak,
            wronglyByLedger: this.#wronglyByLedger,
            wronglyByInquiry: ranking.some(({ recipient, identified }) => identified && !this.#guilty.has(recipient)),
            fromCopies: this.#fromCopies,
            namedByLeak: this.#namedByLeak,
            tillNamed: this.tillNamed,
        }
    }
}
