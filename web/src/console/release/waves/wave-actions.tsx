/** Rare actions on a wave: rehearse, move, freeze, unfreeze. */
import { useState } from "react"
import { writeTo } from "../../api.ts"
import { Do } from "../../../kit/button.tsx"
import { Opens, Window } from "../../../kit/dialog.tsx"
import { FormWindow } from "../../../kit/form.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import type { Action } from "../../../kit/layout/menu-list.tsx"
import type { PlannedWave } from "../../answers.ts"
import { useWhyNot } from "../../artifacts/viewer.tsx"
import { tierNames } from "../../words.ts"
import { AskedOrSigned } from "../request-state.tsx"
import { detailOf } from "../effect-parts.tsx"
import { Rehearsing } from "./rehearsal.tsx"
import { t } from "../../../messages/message.ts"

type Opened = "rehearse" | "move" | "freeze" | null

export function WaveMenu({ wave, caseId }: { wave: PlannedWave; caseId: string }) {
    const [opened, setOpened] = useState<Opened>(null)
    const whyNot = useWhyNot()
    const isAhead = wave.releasedAt === null
    const tier = tierNames[wave.tier]
    const actions: readonly Action[] = [
        ...(isAhead ? [{ id: "rehearse", name: t("Rehearse…"), disabledReason: whyNot("wave:write") }] : []),
        ...(isAhead && wave.tier !== "publication"
            ? [{ id: "move", name: t("Move…"), disabledReason: whyNot("wave:write") }]
            : []),
        ...(wave.state !== "frozen" && (isAhead || wave.tier !== "publication")
            ? [{ id: "freeze", name: t("Freeze…"), isDangerous: true, disabledReason: whyNot("wave:freeze") }]
            : []),
    ].map((action) => ({ ...action, onAction: () => setOpened(action.id as Opened) }))
    const close = () => setOpened(null)
    if (actions.length === 0) return null
    return (
        <>
            <ActionMenu label={t("More actions for the {tier} wave", { tier })} actions={actions}>
                <Icon name="dots" />
            </ActionMenu>
            <Window title={t("Rehearse the {tier} wave", { tier })} wide open={opened === "rehearse"} onClose={close}>
                <Rehearsing wave={wave} caseId={caseId} />
            </Window>
            <MoveWindow wave={wave} open={opened === "move"} onClose={close} />
            <FreezeWindow wave={wave} open={opened === "freeze"} onClose={close} />
        </>
    )
}

interface WindowProps {
    wave: PlannedWave
    open: boolean
    onClose: () => void
}

function MoveWindow({ wave, open, onClose }: WindowProps) {
    return (
        <FormWindow
            title={t("Move the {tier} wave", { tier: tierNames[wave.tier] })}
            submit={t("Move wave")}
            open={open}
            onClose={onClose}
            requests={[
                {
                    name: "hours",
                    label: t("Hours before publication"),
                    kind: "number",
                    initial: String(wave.hoursBefore),
                    check: (value) => (/^\d{1,4}$/.test(value.trim()) ? null : t("enter a whole number of hours")),
                    hint: t("one day is 24, one week 168, two weeks 336"),
                },
            ]}
            write={({ hours }) => writeTo("PUT", `/api/waves/${wave.id}`, { hoursBefore: Number(hours) })}
        >
            <p className="muted">
                {t(
                    "If you move the wave later, its approval stays valid. If you move it earlier, it needs a new signature.",
                )}
            </p>
        </FormWindow>
    )
}

export function FreezeWindow({ wave, open, onClose }: WindowProps) {
    return (
        <Window title={t("Freeze the {tier} wave?", { tier: tierNames[wave.tier] })} open={open} onClose={onClose}>
            <p>{wave.releasedAt === null ? freezingPlanned : freezingReleased}</p>
            <div className="row end">
                <Do look="danger" write={writeTo("POST", `/api/waves/${wave.id}/freeze`)} onDone={onClose}>
                    {t("Freeze wave")}
                </Do>
            </div>
        </Window>
    )
}

const freezingPlanned = t(
    "The wave is not released, and partners get nothing by it. You can do this alone. To release it, request the release again: it needs a new signature.",
)
const freezingReleased = t(
    "Partners can no longer fetch or read what this wave opened. You can do this alone; two people unfreeze it. You cannot call back fetched copies.",
)

export function UnfreezeWave({ wave }: { wave: PlannedWave }) {
    const disabledReason = useWhyNot()("wave:write")
    return (
        <AskedOrSigned
            name={t("unfreeze")}
            matches={(approval) => approval.action === "wave.unfreeze" && detailOf(approval).wave === wave.id}
        >
            <Opens
                button={t("Unfreeze…")}
                title={t("Unfreeze the {tier} wave", { tier: tierNames[wave.tier] })}
                disabledReason={disabledReason}
            >
                {(close) => (
                    <>
                        <p>{t("Partners can fetch and read what this wave opened again. Needs a second signature.")}</p>
                        <div className="row end">
                            <Do
                                look="main"
                                write={writeTo("POST", `/api/waves/${wave.id}/unfreeze`, {})}
                                onDone={close}
                            >
                                {t("Request unfreezing")}
                            </Do>
                        </div>
                    </>
                )}
            </Opens>
        </AskedOrSigned>
    )
}
