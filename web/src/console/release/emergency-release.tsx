/** The emergency release: shows what it opens and to which partners, before the request for a second signature. */
import type { ReactNode } from "react"
import { type AnswerTo, useRead, writeTo } from "../api.ts"
import { Opens } from "../../kit/dialog.tsx"
import { AskForm, reasonField } from "../../kit/form.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Badge, Table } from "../../kit/table.tsx"
import type { Action } from "../../kit/layout/menu-list.tsx"
import type { Approval, Case } from "../answers.ts"
import { AskedOrSigned, useRequest } from "./request-state.tsx"
import { detailOf } from "./effect-parts.tsx"
import { publicWords } from "./effects.tsx"
import { WouldBeRefused } from "../cases/publication.tsx"
import { useNames, useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { WhyButton } from "../access/why.tsx"
import { tierNames } from "../words.ts"
import { t } from "../../messages/message.ts"

type Remaining = AnswerTo<"/api/cases/{id}/emergency-release">["waves"][number]

const isRequestFor =
    ({ id }: Case) =>
    (approval: Approval) =>
        approval.action === "embargo.terminate" && detailOf(approval).case === id

/** Shows the open request for an emergency release, or else its children. */
export function EmergencyState({ subject, children }: { subject: Case; children: ReactNode }) {
    return (
        <AskedOrSigned name={t("emergency release")} matches={isRequestFor(subject)}>
            {children}
        </AskedOrSigned>
    )
}

/** Returns the action of a menu; null: the case has no secret to release, or was closed. */
export function useEmergency(subject: Case): Action | null {
    const whyNot = useWhyNot()("wave:write")
    const isAsked = useRequest(isRequestFor(subject)) !== undefined
    const isSecret = subject.phase === "running" || subject.phase === "due" || subject.phase === "terminated"
    if (!isSecret || subject.closure !== null) return null
    return {
        id: "emergency",
        name: t("Emergency release…"),
        isDangerous: true,
        disabledReason: whyNot ?? (isAsked ? t("already requested") : null),
        dialog: {
            title: t("Emergency release"),
            wide: true,
            content: (close) => <Asking subject={subject} onDone={close} />,
        },
    }
}

/** The emergency release of an embargo that is over: the one thing left to do. */
export function ReleaseNow({ subject }: { subject: Case }) {
    const emergency = useEmergency(subject)
    if (emergency?.dialog === undefined) return null
    const { name, disabledReason = null, dialog } = emergency
    return (
        <EmergencyState subject={subject}>
            <Opens button={name} title={dialog.title} look="danger" wide disabledReason={disabledReason}>
                {dialog.content}
            </Opens>
        </EmergencyState>
    )
}

function Asking({ subject, onDone }: { subject: Case; onDone: () => void }) {
    const opening = useRead(`/api/cases/${subject.id}/emergency-release`)
    return (
        <>
            <p>
                {t(
                    "Use this if the content is already public. All remaining waves and the publication are released at once, and the embargo ends. You cannot undo this. Needs a second signature.",
                )}
            </p>
            <p>{publicWords}</p>
            <WouldBeRefused caseId={subject.id} />
            <Loaded query={opening}>
                {({ waves }) => (
                    <>
                        <Frozen remaining={waves} />
                        {waves.length === 0 ? (
                            <Empty title={t("No wave is left: this only ends the embargo.")} />
                        ) : (
                            <Waves remaining={waves} caseId={subject.id} />
                        )}
                    </>
                )}
            </Loaded>
            <AskForm
                requests={[
                    {
                        ...reasonField,
                        hint: t("the signer reads it; it is kept with the embargo"),
                        length: { min: 1, max: 2000 },
                    },
                ]}
                submit={t("Request emergency release")}
                look="danger"
                write={({ reason }) => writeTo("POST", `/api/cases/${subject.id}/emergency-release`, { reason })}
                onDone={onDone}
            />
        </>
    )
}

function Frozen({ remaining }: { remaining: readonly Remaining[] }) {
    const frozen = remaining.filter((remaining) => remaining.frozen).map(({ tier }) => tierNames[tier])
    if (frozen.length === 0) return null
    return (
        <Notice tone="bad">{t("These frozen waves are released too: {waves}.", { waves: frozen.join(", ") })}</Notice>
    )
}

function Waves({ remaining, caseId }: { remaining: readonly Remaining[]; caseId: string }) {
    const names = useNames()
    const now = useNow()
    return (
        <Table
            tall
            caption={t("What each wave would release")}
            rows={remaining}
            keyOf={({ wave }) => wave}
            columns={[
                {
                    name: t("Wave"),
                    cell: ({ tier, frozen }) => (
                        <>
                            <strong className="block">{tierNames[tier]}</strong>
                            {frozen && <Badge tone="bad">{t("frozen")}</Badge>}
                        </>
                    ),
                },
                { name: t("Recipients"), cell: ({ recipients }) => listed(recipients.map(names.partner)) },
                {
                    name: t("Artifacts"),
                    cell: ({ artifacts }) =>
                        listed(artifacts.map(({ artifact, version }) => `${names.artifact(artifact)} v${version}`)),
                },
                {
                    name: t("Reasons"),
                    cell: ({ tier, recipients, artifacts }) => (
                        <WhyButton
                            id={t("the {tier} wave", { tier: tierNames[tier] })}
                            caseId={caseId}
                            at={now}
                            partners={recipients}
                            artifacts={artifacts.map(({ artifact }) => artifact)}
                        />
                    ),
                    end: true,
                },
            ]}
        />
    )
}

function listed(words: readonly string[]) {
    if (words.length === 0) return <span className="muted">{t("no recipients")}</span>
    return `${words.length}: ${words.toSorted().join(", ")}`
}
