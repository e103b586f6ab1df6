/**
 * Estimates how well the marks of all artifacts that a partner gets of a case identify it together.
 *
 * Partners that get the same artifacts have the same package. Only artifacts that a partner gets in full count: what
 * it gets at publication is public then.
 */
import { isCounted } from "@tocsin/marks/carriers/carrier"
import { Refusal } from "@tocsin/base/refusal"
import type { ActionContext } from "../../../kernel/action-context.ts"
import { listPartnerFacts } from "../../../trust/partners/actions/load-facts.ts"
import { hasCaseAccess } from "../../../trust/partners/partner.ts"
import { type Artifact, listArtifacts } from "../../artifacts/actions/load-artifacts.ts"
import { validateVersion } from "../../artifacts/actions/validate-artifact.ts"
import { loadMatrix } from "../../entitlement/actions/decide-access.ts"
import {
    type FileState,
    type MarkedVersion,
    type PackageStrength,
    packageAlpha,
    packageStrengthOf,
} from "../strength.ts"
import { loadVersionDesign } from "./mark-copy.ts"
import { declaredDesign } from "./set-code-design.ts"

export interface FileMarks {
    readonly artifact: string
    /** The counted slots; null where copies of such a file carry no marks, or the slots cannot be found. */
    readonly slots: number | null
    readonly state: FileState
}

export interface Package extends PackageStrength {
    readonly artifacts: readonly string[]
    /** The number of partners that get these artifacts and no other. */
    readonly partners: number
}

export interface CasePackages {
    readonly files: readonly FileMarks[]
    readonly alpha: number
    readonly recipients: number
    /** The most slots first. */
    readonly packages: readonly Package[]
}

/** Estimates the packages of a case, with the newest version of each artifact. */
export async function estimatePackages(ctx: ActionContext, caseId: string): Promise<CasePackages> {
    const files: FileMarks[] = []
    const marked = new Map<string, Pick<MarkedVersion, "slots" | "design">>()
    for (const artifact of await listArtifacts(ctx, caseId)) {
        const marks = await loadMarks(ctx, artifact)
        if (marks !== null) marked.set(artifact.id, marks)
        const slots = marks && marks.slots.filter(isCounted).length
        files.push({ artifact: artifact.id, slots, state: await loadState(ctx, artifact) })
    }
    const { entitlements } = await loadMatrix(ctx, caseId)
    const full = entitlements.filter(({ decision }) => decision.outcome === "full")
    const byPartner = [...Map.groupBy(full, ({ partner }) => partner).values()]
    const sets = byPartner.map((list) => list.map(({ artifact }) => artifact).toSorted())
    const recipients = (await listPartnerFacts(ctx, ctx.now)).filter(({ status }) => hasCaseAccess(status)).length
    const packages = [...Map.groupBy(sets, (artifacts) => artifacts.join(" ")).values()].flatMap((equal) => {
        const [artifacts = []] = equal
        const versions = artifacts.flatMap((artifact) => marked.get(artifact) ?? [])
        return [{ artifacts, partners: equal.length, ...packageStrengthOf(versions, recipients) }]
    })
    return { files, alpha: packageAlpha, recipients, packages: packages.toSorted((a, b) => b.slots - a.slots) }
}

/** Null where copies of such a file carry no marks, or its slots cannot be found. */
async function loadMarks(
    ctx: ActionContext,
    { id }: Artifact,
): Promise<Pick<MarkedVersion, "slots" | "design"> | null> {
    try {
        const found = await loadVersionDesign(ctx, id, null)
        return found && { slots: found.slots, design: declaredDesign(found.master) }
    } catch (error) {
        if (error instanceof Refusal) return null
        throw error
    }
}

async function loadState(ctx: ActionContext, { id }: Artifact): Promise<FileState> {
    const { issues, valid } = await validateVersion(ctx, id, null)
    return valid ? (issues.length > 0 ? "warning" : "valid") : "error"
}
