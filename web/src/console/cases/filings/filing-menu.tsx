/** Actions on a filing and its clock: the submission as a button, the rare ones in a menu. */
import { read, writeTo } from "../../api.ts"
import { AskForm, FormDialog, reasonField } from "../../../kit/form.tsx"
import { Icon } from "../../../kit/layout/icon.tsx"
import { ActionMenu } from "../../../kit/layout/menu.tsx"
import { saveAs } from "../../../kit/save-file.ts"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { useClockActions, useStartAction } from "../../clocks/clock-actions.tsx"
import type { ClockFiling } from "./filing-rows.ts"
import { t } from "../../../messages/message.ts"

const pathOf = ({ clock, filing }: ClockFiling) => `/api/regulatory-clocks/${clock.id}/filings/${filing.id}` as const

export function MarkSubmitted({ item }: { item: ClockFiling }) {
    return (
        <FormDialog
            button={t("Mark as submitted…")}
            title={t("Mark “{filing}” as submitted", { filing: item.filing.title })}
            submit={t("Mark as submitted")}
            buttonLook="main"
            disabledReason={useWhyNot()("filing:write")}
            requests={[
                {
                    name: "submittedAt",
                    label: t("Submitted at"),
                    kind: "instant",
                    initial: useNow(),
                    codes: ["filing.in_the_future", "filing.before_awareness"],
                },
                {
                    name: "reference",
                    label: t("The authority's reference"),
                    kind: "line",
                    optional: true,
                    codes: ["filing.bad_reference"],
                },
                { name: "note", label: t("Note"), kind: "text", optional: true },
            ]}
            write={(body) => writeTo("POST", `${pathOf(item)}/submit`, body)}
        >
            <p className="muted">{t("This sends nothing. It records what you submitted yourself, and when.")}</p>
        </FormDialog>
    )
}

export function FilingMenu({ item }: { item: ClockFiling }) {
    const { clock, filing } = item
    const lacks = useWhyNot()("filing:write")
    const ofClock = useClockActions(clock)
    const start = useStartAction(clock.case)
    const notSubmitted = filing.submittedAt === null ? t("this filing is not submitted") : null
    const whyClosed = clock.closed ? t("this clock is closed") : null
    return (
        <ActionMenu
            label={t("More actions for this filing")}
            className="button plain"
            actions={[
                {
                    id: "json",
                    name: t("Download the facts as JSON"),
                    disabledReason: lacks,
                    onAction: () => void saveDraft(item),
                },
                {
                    id: "reopen",
                    name: t("Reopen…"),
                    disabledReason: lacks ?? whyClosed ?? notSubmitted,
                    dialog: {
                        title: t("Reopen “{filing}”", { filing: filing.title }),
                        content: (close) => <ReopenForm item={item} onDone={close} />,
                    },
                },
                ...ofClock,
                start,
            ]}
        >
            <Icon name="dots" />
        </ActionMenu>
    )
}

/** Creates a draft, which is recorded. */
async function saveDraft(item: ClockFiling): Promise<void> {
    const { draft } = await read(`${pathOf(item)}/draft` as const)
    saveAs(`${item.filing.id}-draft.json`, JSON.stringify(draft, null, 2))
}

function ReopenForm({ item, onDone }: { item: ClockFiling; onDone: () => void }) {
    return (
        <AskForm
            submit={t("Reopen filing")}
            requests={[reasonField]}
            write={(body) => writeTo("POST", `${pathOf(item)}/reopen`, body)}
            onDone={onDone}
        >
            <p className="muted">{t("It is due again. The earlier entry stays in the history.")}</p>
        </AskForm>
    )
}
