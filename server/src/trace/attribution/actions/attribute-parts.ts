/** Who beside the copies' owners could have passed the text on, by the record: no mark tells these apart. */
import type { Instant } from "@tocsin/base/instant"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { servedUnmarked } from "../../../share/delivery/actions/list-exposure.ts"
import { isKnown } from "../../../trust/approvals/actions.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { personsBehind, recordedSaying } from "../../../trust/audit-log/actions/export-log.ts"
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
export async function holdersOf(ctx: ActionContext, { result: { polled }, at }: Attribution): Promise<Holders[]> {
    const holders: Holders[] = []
    for (const artifactVersion of polled)
        holders.push({ ...artifactVersion, partners: await servedUnmarked(ctx, artifactVersion, at) })
    return holders
}

/**
 * Up to the attribution; null where nothing was handed out. Whoever had the master is not named beside a text that partners were
 * served unmarked: they are its holders.
 */
export async function insideOf(
    ctx: ActionContext,
    { result: { best, polled: texts }, at }: Attribution,
): Promise<Inside | null> {
    if (best === null) return null
    const { artifact, version, findings } = best
    const polled = await servedUnmarked(ctx, { artifact, version }, at)
    if (texts.some((artifactVersion) => artifactVersion.artifact === artifact && artifactVersion.version === version))
        return { master: [], polled, madeAgain: [], keys: [] }
    const { author } = await masterOf(ctx, artifact, version)
    const readers = await personsBehind(ctx, "artifact.read", { artifact, version, copy: null }, at)
    const besides = await personsBehind(ctx, "attribution.read", { artifact, version }, at)
    return {
        master: [...new Set([author, ...readers, ...besides])].toSorted(),
        polled,
        ...(await remadeBy(ctx, { artifact, version, recipient: findings.ranking[0]?.recipient ?? "" }, at)),
    }
}

/** Up to an instant. A decoy's copy is nobody's, and the key makes it too. */
export async function remadeBy(
    ctx: ActionContext,
    { artifact, version, recipient }: Copy,
    at: Instant,
): Promise<Remade> {
    return {
        madeAgain: await personsBehind(ctx, "marks.copy_reproduced", { artifact, version, partner: recipient }, at),
        keys: await keysTakenOut(ctx, `${artifact}:${version}`, at),
    }
}

async function keysTakenOut(ctx: ActionContext, version: string, at: Instant): Promise<string[]> {
    const persons = new Set<string>()
    for (const { by, inquiry, approval } of await recordedSaying(
        ctx,
        "marks.keys_disclosed",
        { versions: [version] },
        at,
    )) {
        if (typeof by !== "string" || typeof approval !== "string") continue
        if (inquiry === null || (await isKnown(ctx, approval))) persons.add(by)
    }
    return [...persons].toSorted()
}
