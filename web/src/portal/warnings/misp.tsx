/** Saves a warning as an event for the partner's MISP. */
import { ask } from "../../kit/api.ts"
import { SaveButton } from "../../kit/button.tsx"
import { Section } from "../../kit/table.tsx"
import type { Warning } from "../answers.ts"
import { useWhyNot } from "../viewer.ts"

export function MispSection({ warning }: { warning: Warning }) {
    const content = async () => await (await ask("GET", `/api/warnings/${warning.id}/misp`)).blob()
    return (
        <Section
            title="For your MISP"
            aside={
                <SaveButton
                    name={`misp-event-${warning.id.slice(0, 8)}.json`}
                    content={content}
                    disabledReason={useWhyNot()("copy:read")}
                >
                    Save the MISP event
                </SaveButton>
            }
        >
            <p>
                Summary, guidance, rules and indicators as one event: not marked for you, and for your own organisation
                only. The audit log records each time that you save it, as a fetch of these texts.
            </p>
        </Section>
    )
}
