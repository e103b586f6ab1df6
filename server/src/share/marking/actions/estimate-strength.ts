/** Estimates how well the marks of a version will identify its recipients, before it is released. */
import { Refusal } from "@tocsin/base/refusal"
import { type Effects, partnerVersionsIn } from "../../../trust/approvals/approval.ts"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import { loadMaster } from "../../artifacts/actions/load-artifacts.ts"
import { loadVersionDesign } from "./mark-copy.ts"
import { type VersionMarking, unmarkedVersion, versionMarkingOf } from "../marking-level.ts"
import { type Strength, strengthOf } from "../strength.ts"
import { declaredDesign } from "./set-code-design.ts"

/** Estimates the marks of a version with its declared design. Null where its class carries no marks. */
export async function estimateStrength(
    ctx: ActionContext,
    artifact: string,
    version: number | null,
): Promise<Strength | null> {
    const versionDesign = await loadVersionDesign(ctx, artifact, version)
    if (versionDesign === null) return null
    const { slots, master } = versionDesign
    const recipients = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status)).length
    return strengthOf({ slots, colluders: master.colluders, design: declaredDesign(master), recipients })
}

/** Returns how each version of the effects is marked, for requesters and signers. */
export async function listVersionMarkings(ctx: ActionContext, effects: Effects): Promise<VersionMarking[]> {
    const readings = partnerVersionsIn(effects)
    const markings: VersionMarking[] = []
    for (const { artifact, version } of effects.artifacts) {
        const reading = readings.filter((reading) => reading.artifact === artifact && reading.version === version)
        const { class: artifactClass } = await loadMaster(ctx, artifact, version)
        markings.push(
            await loadVersionMarking(ctx, { artifact, version, recipients: reading.length, class: artifactClass }),
        )
    }
    return markings
}

async function loadVersionMarking(
    ctx: ActionContext,
    version: Pick<VersionMarking, "artifact" | "version" | "recipients" | "class">,
): Promise<VersionMarking> {
    try {
        return versionMarkingOf(
            version,
            await estimateStrength(ctx, version.artifact, version.version),
            ctx.services.marksTaxiiTexts,
        )
    } catch (error) {
        if (error instanceof Refusal && error.code === "mark.too_complex") return unmarkedVersion(version, "late")
        throw error
    }
}
