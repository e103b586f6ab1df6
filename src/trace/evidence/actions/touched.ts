/** A canary that was touched becomes evidence by itself. It accuses nobody: whose copy held the name stands with the touch. */
import { background, touch, touchedDecoys } from "../../../share/canaries/actions/reading.ts"
import type { Background } from "../../../share/canaries/background.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { allEvidence, fileTouch } from "../actions.ts"
import type { Evidence } from "../evidence.ts"
import * as store from "../store/keeping.ts"

export async function fileTouched(act: Act, id: string): Promise<void> {
    const its = await touch(act, id)
    if (its === null) throw new Error("what was touched is gone")
    const known = (await background(act)).find(({ grade }) => grade === its.grade)
    const whose = its.decoy ? "It is a decoy's, which was given to nobody. " : ""
    const what = `A ${its.kind} was asked for by ${its.channel}: ${its.grade}, because ${its.reasons.join("; ")}. `
    const note = whose + what + learnt(known) + seeThere
    await fileTouch(act, { case: its.case, touch: id, seenAt: its.firstAt, note })
}

const seeThere = "Whose copy it is from stands under Canaries."

function learnt(known: Background | undefined): string {
    if (known === undefined || known.decoys === 0) return "There are no decoys to say how often strangers do that. "
    const share = (100 * known.upTo).toPrecision(2)
    return `Of ${known.decoys} names of decoys ${known.touched} were touched so: of whoever has no copy, up to ${share} % of names are. How often tools of a rightful holder do that is not known. `
}

/** Evidence of touched decoys that two people have not deleted and on which no investigator has written a note yet. */
export async function decoyAlarms(act: Act): Promise<Evidence[]> {
    const decoys = new Set(await touchedDecoys(act))
    if (decoys.size === 0) return []
    const noted = new Set(await store.notedAmong(act.tx))
    return (await allEvidence(act, "canary touched")).filter(({ id, touch: its, deletedAt }) => {
        return its !== null && decoys.has(its) && deletedAt === null && !noted.has(id)
    })
}
