/** Saves a warning as an event for the partner's MISP. */
import { ask } from "../../../kit/api.ts"
import { SaveButton } from "../../../kit/button.tsx"
import { Window } from "../../../kit/dialog.tsx"
import type { Warning } from "../../answers.ts"
import { t } from "../../../messages/message.ts"

interface MispProps {
    warning: Warning
    open: boolean
    onClose: () => void
}

export function MispWindow({ warning, open, onClose }: MispProps) {
    const content = async () => await (await ask("GET", `/api/warnings/${warning.id}/misp`)).blob()
    return (
        <Window title={t("MISP event")} open={open} onClose={onClose}>
            <p>
                {t(
                    "The event holds summary, guidance, rules and indicators. It has no marks for your organisation, and its distribution is “your organisation only”. Each time that you save it is recorded as a fetch.",
                )}
            </p>
            <div className="row end">
                <SaveButton name={`misp-event-${warning.id.slice(0, 8)}.json`} content={content}>
                    {t("Save MISP event")}
                </SaveButton>
            </div>
        </Window>
    )
}
