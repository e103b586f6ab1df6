/** Who beside the copies' owners could have passed the text on, by the record: no mark tells these apart. */
import type { Instant } from "../../../lib/instant.ts"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { servedUnmarked } from "../../../share/delivery/actions/exposure.ts"
import type { Act } from "../../../trust/audit/actions.ts"
import { personsBehind } from "../../../trust/audit/actions/exporting.ts"
import type { Attribution } from "../attribution.ts"

/** Persons of the operator who could have a copy that is another's. */
export interface Remade {
    /** Whoever made it again, but for whose it is. */
    readonly madeAgain: readonly string[]
    /** Whoever took out its key for an expert, who can make every copy. */
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

/** Up to the attribution; null where nothing was handed out. */
export async function insideOf(act: Act, { result: { best }, at }: Attribution): Promise<Inside | null> {
    if (best === null) return null
    const { artifact, version, findings } = best
    const { author } = await masterOf(act, artifact, version)
    const readers = await personsBehind(act, "artifact.read", { artifact, version, copy: null }, at)
    const besides = await personsBehind(act, "attribution.read", { artifact, version }, at)
    return {
        master: [...new Set([author, ...readers, ...besides])].toSorted(),
        polled: await servedUnmarked(act, { artifact, version }, at),
        ...(await remadeBy(act, { artifact, version, recipient: findings.ranking[0]?.recipient ?? "" }, at)),
    }
}

/** Up to an instant. A decoy's copy is nobody's, and the key makes it too. */
export async function remadeBy(act: Act, { artifact, version, recipient }: Copy, at: Instant): Promise<Remade> {
    return {
        madeAgain: await personsBehind(act, "marks.copy_made", { artifact, version, partner: recipient }, at),
        keys: await personsBehind(act, "marks.opened", { versions: [`${artifact}:${version}`] }, at),
    }
}
