/** Signs several approvals from one list: each with its sentence and its changes. */
import { Link } from "@tanstack/react-router"
import type { ReactNode } from "react"
import type { WaveTier } from "../../../../../server/src/share/waves/wave.ts"
import { signApprovals } from "../sign-approvals.ts"
import { useWrite } from "../../../kit/api.ts"
import { Button } from "../../../kit/button.tsx"
import { Opens } from "../../../kit/dialog.tsx"
import { Failed } from "../../../kit/notice.tsx"
import type { Approval } from "../../answers.ts"
import { AlternativesToSign } from "../../artifacts/alternatives.tsx"
import { useArtifacts, useMe, useNames } from "../../artifacts/viewer.tsx"
import { PublicText } from "../../cases/public-text.tsx"
import { tierNames } from "../../words.ts"
import { detailOf } from "../effect-parts.tsx"
import { EffectsInWords } from "../effects.tsx"
import { SignedChange } from "../signed-change.tsx"
import { WaveSummary } from "./wave-effects.tsx"
import { useWaveRequests } from "./wave-reads.ts"
import { t } from "../../../messages/message.ts"

interface Group {
    readonly action: string
    /** The button, and the title of its dialog. */
    readonly button: (count: number) => string
    readonly title: (count: number) => string
    readonly item: (approval: Approval) => ReactNode
}

/** The actions that are requested many at a time. */
const groups: readonly Group[] = [
    {
        action: "wave.release",
        button: (count) => t("Sign all {count} waves…", { count }),
        title: (count) => t("Sign {count} waves", { count }),
        item: (approval) => <WaveToSign key={approval.id} approval={approval} />,
    },
    {
        action: "partner.change_tier",
        button: (count) => t("Sign all {count} tier changes…", { count }),
        title: (count) => t("Sign {count} tier changes", { count }),
        item: (approval) => <ChangeToSign key={approval.id} approval={approval} />,
    },
]

/** Those that the viewer may not sign are left out. */
export function SignAll({ approvals }: { approvals: readonly Approval[] }) {
    return groups.map((group) => (
        <SignGroup
            key={group.action}
            group={group}
            approvals={approvals.filter(({ action, maySign }) => action === group.action && maySign)}
        />
    ))
}

function SignGroup({ group: { button, title, item }, approvals }: { group: Group; approvals: readonly Approval[] }) {
    if (approvals.length < 2) return null
    return (
        <Opens
            button={button(approvals.length)}
            title={title(approvals.length)}
            look="main"
            wide
            foot={(close) => <SignAllButton approvals={approvals} onDone={close} />}
        >
            {() => (
                <>
                    {approvals.map(item)}
                    <p className="muted">{t("You sign these effects, and nothing wider or earlier.")}</p>
                </>
            )}
        </Opens>
    )
}

function ChangeToSign({ approval }: { approval: Approval }) {
    return (
        <article className="panel pad">
            <EffectsInWords approval={approval} />
            <SignedChange approval={approval} />
        </article>
    )
}

function SignAllButton({ approvals, onDone }: { approvals: readonly Approval[]; onDone: () => void }) {
    const me = useMe()
    const signing = useWrite(onDone)
    return (
        <>
            <Failed error={signing.error} />
            <Button
                look="main"
                busy={signing.isPending}
                onPress={() => signing.mutate(signApprovals(approvals, me.signsWithPasskeys))}
            >
                {t("Sign all as {name}", { name: me.name })}
            </Button>
        </>
    )
}

function WaveToSign({ approval }: { approval: Approval }) {
    const names = useNames()
    const caseId = useCaseOf(approval)
    const { wave, tier } = detailOf(approval)
    const { earlier } = useWaveRequests(String(wave))
    const name = t("{tier} wave", { tier: tierNames[tier as WaveTier] })
    return (
        <article className="panel pad" aria-label={name}>
            <div className="card-head">
                <h3>{name}</h3>
                {caseId !== null && (
                    <Link to={`/cases/${caseId}/release/${String(wave)}`}>
                        {t("All effects: {case}", { case: names.case(caseId) })}
                    </Link>
                )}
            </div>
            <WaveSummary tier={tier as WaveTier} effects={approval.effects} earlier={earlier} />
            <AlternativesToSign approval={approval} />
            <PublicText approval={approval} />
        </article>
    )
}

/** Returns the case whose artifacts an approval is about; null: the viewer may not know it. */
export function useCaseOf({ effects }: Approval): string | null {
    return useArtifacts().find(({ id }) => id === effects.artifacts[0]?.artifact)?.case ?? null
}
