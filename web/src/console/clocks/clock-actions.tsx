/** Actions on a regulatory clock: set awareness, report a fix, end the duty, or start a clock. */
import { writeTo } from "../api.ts"
import { AskForm, reasonField } from "../../kit/form.tsx"
import { Opens } from "../../kit/dialog.tsx"
import type { Action } from "../../kit/layout/menu-list.tsx"
import type { ClockRow } from "./clock-answers.ts"
import { useRegimes } from "./clock-answers.ts"
import { useNow, useWhyNot } from "../artifacts/viewer.tsx"
import { stillLoading } from "../../kit/text.ts"
import { t } from "../../messages/message.ts"

const badAwareness = ["filing.in_the_future", "filing.before_awareness"]

interface FormProps {
    clock: ClockRow
    onDone: () => void
}

/** Returns the actions for a menu. */
export function useClockActions(clock: ClockRow): readonly Action[] {
    const lacks = useWhyNot()("filing:write")
    const disabledReason = lacks ?? (clock.closed ? t("this clock is closed") : null)
    return [
        {
            id: "awareness",
            name: t("Correct awareness…"),
            disabledReason,
            dialog: {
                title: t("Correct when you became aware"),
                content: (close) => <AwarenessForm clock={clock} onDone={close} />,
            },
        },
        {
            id: "fix",
            name: t("Report a fix…"),
            disabledReason,
            dialog: {
                title: t("Availability of a fix"),
                content: (close) => <FixForm clock={clock} onDone={close} />,
            },
        },
        {
            id: "close",
            name: t("Close clock…"),
            disabledReason,
            isDangerous: true,
            dialog: { title: t("Close this clock"), content: (close) => <CloseForm clock={clock} onDone={close} /> },
        },
    ]
}

function AwarenessForm({ clock, onDone }: FormProps) {
    return (
        <AskForm
            submit={t("Correct awareness")}
            requests={[
                {
                    name: "awareAt",
                    label: t("Aware since"),
                    kind: "instant",
                    initial: clock.awareAt,
                    codes: badAwareness,
                },
                reasonField,
            ]}
            write={(body) => writeTo("POST", `/api/regulatory-clocks/${clock.id}/correct-awareness`, body)}
            onDone={onDone}
        >
            <p className="muted">{t("The deadlines move with it. The earlier value stays in the history.")}</p>
        </AskForm>
    )
}

function FixForm({ clock, onDone }: FormProps) {
    return (
        <AskForm
            submit={t("Report fix")}
            requests={[
                {
                    name: "availableAt",
                    label: t("Available since"),
                    kind: "instant",
                    optional: true,
                    codes: ["filing.in_the_future"],
                    hint: t("Leave empty if no fix is available, even if the case is public"),
                },
                reasonField,
            ]}
            write={({ availableAt, reason }) =>
                writeTo("POST", `/api/regulatory-clocks/${clock.id}/report-fix`, {
                    availableAt: availableAt.trim() === "" ? null : availableAt,
                    reason,
                })
            }
            onDone={onDone}
        >
            <p className="muted">{t("Without a date here, publication of the case counts as the fix.")}</p>
        </AskForm>
    )
}

function CloseForm({ clock, onDone }: FormProps) {
    return (
        <AskForm
            submit={t("Close clock")}
            look="danger"
            requests={[reasonField]}
            write={(body) => writeTo("POST", `/api/regulatory-clocks/${clock.id}/close`, body)}
            onDone={onDone}
        >
            <p className="muted">
                {t(
                    "Close the clock if it does not apply, or if no filing is due. Tocsin then sends no reminders. Later reports of exploitation do not restart it; a person can.",
                )}
            </p>
        </AskForm>
    )
}

const startName = t("Start a clock…")
const startTitle = t("Start a regulatory clock")

/** Lists the regimes that a person can start; the reason says why none can be started. */
function useStartable() {
    const lacks = useWhyNot()("filing:write")
    const { data, isLoading } = useRegimes()
    const regimes = (data?.regimes ?? []).filter(({ regime }) => regime.state !== "not_in_force")
    const noRegimeReason = isLoading ? stillLoading : t("no regime is in force: see Settings, Regimes")
    return { regimes, disabledReason: lacks ?? (regimes.length === 0 ? noRegimeReason : null) }
}

export function useStartAction(caseId: string): Action {
    const { disabledReason } = useStartable()
    return {
        id: "start",
        name: startName,
        disabledReason,
        dialog: { title: startTitle, content: (close) => <StartForm caseId={caseId} onDone={close} /> },
    }
}

export function StartClock({ id: subject }: { id: string }) {
    const { disabledReason } = useStartable()
    return (
        <Opens button={startName} title={startTitle} disabledReason={disabledReason}>
            {(close) => <StartForm caseId={subject} onDone={close} />}
        </Opens>
    )
}

function StartForm({ caseId, onDone }: { caseId: string; onDone: () => void }) {
    const now = useNow()
    const { regimes } = useStartable()
    return (
        <AskForm
            submit={t("Start clock")}
            requests={[
                {
                    name: "regime",
                    label: t("Regime"),
                    kind: "choice",
                    from: regimes.map(({ id, regime }) => ({ value: id, name: regime.title })),
                },
                { name: "awareAt", label: t("Aware since"), kind: "instant", initial: now, codes: badAwareness },
                { ...reasonField, label: t("What happened, and how you know") },
            ]}
            write={(body) => writeTo("POST", "/api/regulatory-clocks", { ...body, case: caseId })}
            onDone={onDone}
        >
            <p className="muted">
                {t(
                    "Reported exploitation starts the clocks of its regimes automatically. A person starts the clock of a severe incident.",
                )}
            </p>
        </AskForm>
    )
}
