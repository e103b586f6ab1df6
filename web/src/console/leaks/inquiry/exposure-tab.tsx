/** Who held the content of the inquiry's case before the first exploitation. */
import { useState } from "react"
import { artifactClasses } from "../../../../../server/src/share/artifacts/artifact.ts"
import { useLook } from "../../api.ts"
import { Field } from "../../../kit/field.tsx"
import { Loaded } from "../../../kit/notice.tsx"
import { useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { CaseExposure, anyOption } from "../exposure/exposure.tsx"
import type { Opened } from "./inquiry-answers.ts"
import { TimingSection } from "./access-before-observation.tsx"
import { t, valueText } from "../../../messages/message.ts"

export function ExposureTab({ subject }: { subject: Opened }) {
    const [kind, setKind] = useState("")
    const now = useNow()
    const disabledReason = useWhyNot()("exposure:read")
    const query = new URLSearchParams({ case: subject.case, before: now, ...(kind !== "" && { class: kind }) })
    const exposure = useLook(disabledReason === null ? `/api/exposure?${query.toString()}` : null)
    return (
        <>
            <div className="narrow-field">
                <Field
                    label={t("Class")}
                    kind="choice"
                    value={kind}
                    onChange={setKind}
                    from={[anyOption, ...artifactClasses.map((value) => ({ value, name: valueText(value) }))]}
                    hint={t("The audit log records each view.")}
                />
            </div>
            {disabledReason === null ? (
                <Loaded query={exposure}>
                    {({ cases, before }) =>
                        cases.map((exposed) => <CaseExposure key={exposed.case} subject={exposed} before={before} />)
                    }
                </Loaded>
            ) : (
                <p className="muted">{t("Exposure: {reason}.", { reason: disabledReason })}</p>
            )}
            <TimingSection inquiry={subject.id} />
        </>
    )
}
