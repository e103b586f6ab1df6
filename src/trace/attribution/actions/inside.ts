/** Who beside the copies' owners could have passed the text on, by the record: no mark tells these apart. */
import type { Instant } from "../../../lib/instant.ts"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { servedUnmarked } from "../../../share/delivery/actions/exposure.ts"
import { isKnown } from "../../../trust/approvals/actions.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { personsBehind, recordedSaying } from "../../../trust/audit/actions/exporting.ts"
import type { Attribution } from "../attribution.ts"

/** Persons of the operator who could have a copy that is another's. */
export interface Remade {
    /** Whoever made it again, but for whose it is. */
    readonly madeAgain: readonly string[]
    /** Whoever took out its key for an expert, who can make every copy; for an inquiry, to those alone who may know of that. */
    readonly keys: readonly string[]
}

export interface Inside extends Remade {
    /**
     * Who had the version that fits best without marks: its author, whoever read the master, or laid a leak beside it. Whoever
     * read a copy of its own is a recipient.
     */
    readonly master: readonly string[]
    /** Partners whose machines were served it without marks. */
    readonly polled: readonly string[]
}

interface Copy {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
}

/** Who holds a text that partners were served unmarked: all of them alike. */
export interface Holders extends ArtifactVersion {
    readonly partners: readonly string[]
}

/** Of each version that a leak reads as the unmarked text of, up to the attribution. */
export async function holdersOf(act: Act, { result: { polled }, at }: Attribution): Promise<Holders[]> {
    const holders: Holders[] = []
    for (const of of polled) holders.push({ ...of, partners: await servedUnmarked(act, of, at) })
    return holders
}

/**
 * Up to the attribution; null where nothing was handed out. Whoever had the master is not named beside a text that partners were
 * served unmarked: they are its holders.
 */
export async function insideOf(act: Act, { result: { best, polled: texts }, at }: Attribution): Promise<Inside | null> {
    if (best === null) return null
    const { artifact, version, findings } = best
    const polled = await servedUnmarked(act, { artifact, version }, at)
    if (texts.some((one) => one.artifact === artifact && one.version === version))
        return { master: [], polled, madeAgain: [], keys: [] }
    const { author } = await masterOf(act, artifact, version)
    const readers = await personsBehind(act, "artifact.read", { artifact, version, copy: null }, at)
    const besides = await personsBehind(act, "attribution.read", { artifact, version }, at)
    return {
        master: [...new Set([author, ...readers, ...besides])].toSorted(),
        polled,
        ...(await remadeBy(act, { artifact, version, recipient: findings.ranking[0]?.recipient ?? "" }, at)),
    }
}

/** Up to an instant. A decoy's copy is nobody's, and the key makes it too. */
export async function remadeBy(act: Act, { artifact, version, recipient }: Copy, at: Instant): Promise<Remade> {
    return {
        madeAgain: await personsBehind(act, "marks.copy_reproduced", { artifact, version, partner: recipient }, at),
        keys: await keysTakenOut(act, `${artifact}:${version}`, at),
    }
}

async function keysTakenOut(act: Act, version: string, at: Instant): Promise<string[]> {
    const persons = new Set<string>()
    for (const { by, inquiry, approval } of await recordedSaying(
        act,
        "marks.keys_disclosed",
        { versions: [version] },
        at,
    )) {
        if (typeof by !== "string" || typeof approval !== "string") continue
        if (inquiry === null || (await isKnown(act, approval))) persons.add(by)
    }
    return [...persons].toSorted()
}
