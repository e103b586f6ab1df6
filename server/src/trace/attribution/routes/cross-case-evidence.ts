/** Route of the cross-case evidence, for investigators. */
import { ownerOf } from "@tocsin/marks/recipient"
import { route } from "../../../kernel/action-context.ts"
import { readCrossCaseEvidence } from "../actions/read-cross-case-evidence.ts"
import { supportOf } from "@tocsin/marks/evidence/hypotheses"
import { cautions, scale } from "../caution.ts"
import { crossCaseEvidenceAnswer } from "../schemas.ts"

export const crossCaseEvidenceRoute = route(
    {
        side: "console",
        method: "GET",
        path: "/api/cross-case-evidence",
        permission: "evidence:read",
        summary: "Weighs all leaks of all cases together, and records the read",
        answer: crossCaseEvidenceAnswer,
    },
    async (ctx) => {
        const { leaks, ranking, ...rest } = await readCrossCaseEvidence(ctx)
        return {
            ...rest,
            caution: cautions.copy,
            scale,
            leaks: leaks.map(({ id: evidence, document, share }) => ({ evidence, ...versionIn(document), share })),
            ranking: ranking.map(({ recipient, ...rest }) => ({
                ...ownerOf(recipient),
                support: supportOf(rest.log10e),
                ...rest,
            })),
        }
    },
)

function versionIn(document: string): { artifact: string; version: number } {
    const [artifact = "", version = ""] = document.split(":")
    return { artifact, version: Number(version) }
}
