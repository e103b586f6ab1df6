/**
 * Lists who else could have passed on a text, by the audit log. No mark tells these people from the owner of the copy.
 */
import type { Instant } from "@tocsin/base/instant"
import { masterOf } from "../../../share/artifacts/actions.ts"
import { servedUnmarked } from "../../../share/delivery/actions/list-exposure.ts"
import { isKnown } from "../../../trust/approvals/actions.ts"
import type { ArtifactVersion } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { personsBehind, recordedSaying } from "../../../trust/audit-log/actions/export-log.ts"
import type { Attribution } from "../attribution.ts"

/** Staff who could have another recipient's copy. */
export interface Remade {
    /** Staff who reproduced the copy, without its owner. */
    readonly madeAgain: readonly string[]
    /**
     * Staff who received the mark keys for an expert and so can make every copy. Key disclosures of an inquiry are
     * listed for people who may know of that inquiry.
     */
    readonly keys: readonly string[]
}

export interface Inside extends Remade {
    /**
     * Staff who had the unmarked version that fits best: the author, readers of the master, and readers of the leak
     * view. A reader of a staff copy is a recipient instead.
     */
    readonly master: readonly string[]
    /** Partners whose clients polled the unmarked version. */
    readonly polled: readonly string[]
}

interface Copy {
    readonly artifact: string
    readonly version: number
    readonly recipient: string
}

/** The partners that received the same unmarked text. */
export interface Holders extends ArtifactVersion {
    readonly partners: readonly string[]
}

/** Lists the partners that were served each matching unmarked text, up to the attribution. */
export async function holdersOf(ctx: ActionContext, { result: { polled }, at }: Attribution): Promise<Holders[]> {
    const holders: Holders[] = []
    for (const artifactVersion of polled)
        holders.push({ ...artifactVersion, partners: await servedUnmarked(ctx, artifactVersion, at) })
    return holders
}

/**
 * Lists who had the best version without marks, up to the attribution. Returns null where no version was delivered.
 * Where partners polled the text unmarked, they are its holders and readers of the master are omitted.
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

/** Lists who reproduced a copy or received its keys, up to an instant. Mark keys make a decoy's copy too. */
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
