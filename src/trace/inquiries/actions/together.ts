/** The leaks of one inquiry weighed together, by what was last found out about each. */
import { type Across, type Weighed, across } from "../../../lib/evidence/across.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { attributionsOf } from "../../attribution/actions.ts"
import { type Result, type Tested, alphaDefault } from "../../attribution/attribution.ts"
import { evidenceOf } from "../../evidence/actions.ts"
import * as store from "../store.ts"
import { memberOf } from "./membership.ts"

export interface LeaksTogether extends Across {
    readonly alpha: number
    /** Leaks that say something; the others were not recognised, or read as the master was written. */
    readonly leaks: number
}

/** For members, and each look at an attribution is on record. Refuses `inquiry.unknown`. */
export async function leaksTogether(act: Act, id: string): Promise<LeaksTogether> {
    await memberOf(act, id)
    const weighed: Weighed[] = []
    for (const evidence of await store.evidenceOf(act.tx, id)) {
        if ((await evidenceOf(act, evidence)).kind !== "leak") continue
        const [newest] = await attributionsOf(act, evidence)
        const leak = newest && weighedBy(newest.result)
        if (leak) weighed.push(leak)
    }
    return { alpha: alphaDefault, leaks: weighed.length, ...across(weighed, alphaDefault) }
}

/** By the version of which most was read: who fits has no say in which it is. */
function weighedBy({ best: first, others, tests }: Result): Weighed | null {
    const all = first === null ? [] : [first, ...others]
    const best = all.reduce<Tested | null>((a, b) => (a === null || isMore(b, a) ? b : a), null)
    if (best === null || best.findings.verdict === "unrelated" || best.findings.unmarked.explains) return null
    const log10e = new Map(best.findings.ranking.map((one) => [one.recipient, one.log10e]))
    return { document: nameOf(best), tests, log10e }
}

function isMore(a: Tested, b: Tested): boolean {
    const [of, than] = [a.findings.slots.read, b.findings.slots.read]
    return of > than || (of === than && nameOf(a) < nameOf(b))
}

const nameOf = ({ artifact, version }: Tested): string => `${artifact}:${version}`
