/** Reads what of a case needs a person. */
import { isRefused } from "../../../kit/notice.tsx"
import type { Case } from "../../answers.ts"
import { useClocks } from "../../clocks/clock-answers.ts"
import { useApprovals } from "../../release/approval-reads.ts"
import { detailOf } from "../../release/effect-parts.tsx"
import { useCaseArtifacts, useWaves } from "../case-reads.ts"
import { type DueFiling, addressOf, dueFilings } from "../filings/filing-rows.ts"
import { useConsents } from "../embargo/consents.tsx"
import { isIncomplete, refusedWords, usePublicationRead } from "../publication.tsx"
import { type AttentionLine, type OpenFiling, attentionOf } from "./attention.ts"

interface Attention {
    readonly lines: readonly AttentionLine[]
    /** Some of what is behind the lines is not read yet. */
    readonly isLoading: boolean
    readonly error: Error | null
}

export function useAttention(subject: Case): Attention {
    const [waves, artifacts, consents] = [useWaves(subject.id), useCaseArtifacts(subject.id), useConsents(subject.id)]
    const [publication, clocks, approvals] = [usePublicationRead(subject.id), useClocks(subject.id), useApprovals()]
    const reads = [waves, artifacts, consents, publication, clocks, approvals]
    const failed = reads.find(({ error, data }) => error !== null && !isRefused(error) && data === undefined)
    const isLoading = reads.some((read) => read.isLoading)
    const advisory = publication.data
    const lines =
        waves.data === undefined || artifacts.data === undefined
            ? []
            : attentionOf({
                  subject,
                  waves: waves.data.waves,
                  artifacts: artifacts.data.artifacts,
                  advisory:
                      advisory === undefined || advisory.faults.length === 0
                          ? null
                          : {
                                text: refusedWords(advisory),
                                isDue: advisory.state === "due",
                                lacksFacts: advisory.advisory === null && isIncomplete(advisory.faults),
                            },
                  filings: dueFilings(clocks.data?.clocks ?? []).map(openFiling),
                  unanswered: unansweredIn(consents.data),
                  signable: new Set(
                      (approvals.data?.pending ?? [])
                          .filter(({ action, maySign }) => action === "wave.release" && maySign)
                          .map((approval) => String(detailOf(approval).wave)),
                  ),
              })
    return { lines, isLoading, error: failed?.error ?? null }
}

type Consents = NonNullable<ReturnType<typeof useConsents>["data"]>

const unansweredIn = (data: Consents | undefined): number =>
    [...(data?.consents ?? []), ...(data?.parties ?? [])].filter(
        ({ state }) => state === "invited" || state === "expired",
    ).length

function openFiling(item: DueFiling): OpenFiling {
    const { clock, filing } = item
    return {
        id: `${clock.id} ${filing.id}`,
        title: filing.title,
        authority: clock.terms.authority,
        dueAt: filing.dueAt,
        isOverdue: filing.state === "overdue",
        to: addressOf(item),
    }
}
