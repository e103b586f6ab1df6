/** Decisions about a partner, in one menu: status, tier, reporting duties and bounced mail. */
import { type ReactNode, useState } from "react"
import { writeTo } from "../../api.ts"
import { choicesOf } from "../../../kit/field.tsx"
import { dutyTable } from "../../../../../server/src/trust/partners/reporting-duties/reporting-duties.ts"
import type { Facts } from "../../../../../server/src/trust/partners/facts.ts"
import { type PartnerStatus, tiers } from "../../../../../server/src/trust/partners/partner.ts"
import { type Answers, FormWindow, ticked } from "../../../kit/form.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import type { Partner } from "../../answers.ts"
import { ChangePreview } from "../../release/change-preview.tsx"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { t, valueText } from "../../../messages/message.ts"

const nextStatuses: Readonly<Partial<Record<PartnerStatus, readonly ("active" | "declined" | "invited")[]>>> = {
    applicant: ["invited", "declined"],
    invited: ["active", "declined"],
    declined: ["invited"],
}

interface WindowProps {
    partner: Partner
    open: boolean
    onClose: () => void
}

const windows = {
    status: { name: t("Change status…"), window: StatusWindow },
    tier: { name: t("Change tier…"), window: TierWindow },
    duties: { name: t("Set reporting duties…"), window: DutiesWindow },
    bounce: { name: t("Report bounced mail…"), window: BounceWindow },
} as const

type WindowId = keyof typeof windows

export function PartnerActions({ partner }: { partner: Partner }): ReactNode {
    const [open, setOpen] = useState<WindowId | null>(null)
    const mayWrite = useWhyNot()("partner:write")
    const statusReason = nextStatuses[partner.status] === undefined ? t("measures change the status of a member") : null
    const ids = Object.keys(windows) as readonly WindowId[]
    return (
        <>
            <ActionMenu
                label={t("Actions")}
                actions={ids.map((id) => ({
                    id,
                    name: windows[id].name,
                    onAction: () => setOpen(id),
                    disabledReason: mayWrite ?? (id === "status" ? statusReason : null),
                }))}
            >
                <Icon name="dots" />
            </ActionMenu>
            {ids.map((id) => {
                const ActionWindow = windows[id].window
                return <ActionWindow key={id} partner={partner} open={open === id} onClose={() => setOpen(null)} />
            })}
        </>
    )
}

function StatusWindow({ partner, ...window }: WindowProps) {
    return (
        <FormWindow
            {...window}
            title={t("Change the status of {partner}", { partner: partner.name })}
            submit={t("Change status")}
            requests={[
                {
                    name: "status",
                    label: t("New status"),
                    kind: "choice",
                    from: choicesOf(nextStatuses[partner.status] ?? []),
                },
            ]}
            write={(body) => writeTo("PUT", `/api/partners/${partner.id}/status`, body)}
            wide
            below={({ status }) => <ChangePreview partner={partner} change={{ fact: "status", value: status }} />}
        />
    )
}

function TierWindow({ partner, ...window }: WindowProps) {
    return (
        <FormWindow
            {...window}
            title={t("Change the tier of {partner}", { partner: partner.name })}
            submit={t("Change tier")}
            requests={[
                {
                    name: "tier",
                    label: t("Tier"),
                    kind: "choice",
                    from: tiers.map((value) => ({ value, name: tierNames[value] })),
                    initial: partner.tier,
                },
            ]}
            write={(body) => writeTo("PUT", `/api/partners/${partner.id}/tier`, body)}
            wide
            below={({ tier }) => <ChangePreview partner={partner} change={{ fact: "tier", value: tier }} />}
        >
            <p className="muted">
                {t(
                    "Needs a second signature, also for a lower tier: its wave can give content that this partner does not have yet. To remove access at once, restrict or suspend the partner.",
                )}
            </p>
        </FormWindow>
    )
}

/** The built-in regimes, each with this partner's source. */
function DutiesWindow({ partner, ...window }: WindowProps) {
    const has = (regime: string) => partner.duties.find((duty) => duty.regime === regime)
    const sources = dutyTable.flatMap(({ regime }) => {
        const line = { kind: "line" as const, optional: true }
        return [
            {
                ...line,
                name: `source-${regime}`,
                label: t("Source for {regime}", { regime }),
                initial: has(regime)?.source ?? "",
            },
            {
                ...line,
                name: `date-${regime}`,
                label: t("Date of the source for {regime}", { regime }),
                initial: has(regime)?.date ?? "",
                hint: t("like 2025-07-08"),
            },
        ]
    })
    return (
        <FormWindow
            {...window}
            title={t("Reporting duties of {partner}", { partner: partner.name })}
            submit={t("Set reporting duties")}
            requests={[
                {
                    name: "regimes",
                    label: t("Reporting duties"),
                    kind: "choices",
                    from: dutyTable.map(({ regime, appliesTo, trigger }) => {
                        return { value: regime, name: `${regime} (${valueText(appliesTo)}, ${valueText(trigger)})` }
                    }),
                    initial: partner.duties.map((duty) => duty.regime).join("\n"),
                },
                ...sources,
            ]}
            write={(answers) =>
                writeTo("PUT", `/api/partners/${partner.id}/reporting-duties`, { duties: profileOf(partner, answers) })
            }
            wide
            below={(answers) => (
                <ChangePreview partner={partner} change={{ fact: "duties", value: previewed(partner, answers) }} />
            )}
        />
    )
}

function profileOf(partner: Partner, answers: Answers): Facts["duties"] {
    return ticked(answers, "regimes").flatMap((regime) => {
        const held = partner.duties.find((duty) => duty.regime === regime)
        const duty = held ?? dutyTable.find((item) => item.regime === regime)
        const input = {
            source: answers[`source-${regime}`] ?? "",
            date: answers[`date-${regime}`] ?? "",
        }
        return duty === undefined ? [] : [{ ...duty, ...input }]
    })
}

/** Omits the sources, because they change no decision: typing one sends no new preview request. */
function previewed(partner: Partner, answers: Answers): Facts["duties"] {
    return profileOf(partner, answers).map((duty) => {
        const held = partner.duties.find(({ regime }) => regime === duty.regime)
        return { ...duty, source: held?.source ?? "unnamed", date: held?.date ?? "" }
    })
}

/** Reports bounced mail. The partner must then verify its mailbox. */
function BounceWindow({ partner, ...window }: WindowProps) {
    const present = partner.roster.filter(({ left }) => !left)
    return (
        <FormWindow
            {...window}
            title={t("Report bounced mail to {partner}", { partner: partner.name })}
            submit={t("Report bounced mail")}
            requests={[
                {
                    name: "person",
                    label: t("Address"),
                    kind: "choice",
                    from: [
                        { value: "", name: t("the partner's own, {address}", { address: partner.mail }) },
                        ...present.map(({ id, name, mail }) => ({ value: id, name: `${name}, ${mail}` })),
                    ],
                },
            ]}
            write={({ person }) =>
                writeTo("POST", `/api/partners/${partner.id}/bounces`, { person: person === "" ? null : person })
            }
        >
            <p className="muted">{t("The partner is notified, and must then verify its mailbox.")}</p>
        </FormWindow>
    )
}
