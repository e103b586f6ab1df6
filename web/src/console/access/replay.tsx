/** Replays a case: what each partner would have received under a policy version, by the facts of that instant. */
import { type SyntheticEvent, useState } from "react"
import { parseInstant } from "@tocsin/base/instant"
import { Button } from "../../kit/button.tsx"
import { Field } from "../../kit/field.tsx"
import { Empty, Failed, Loaded } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import type { Case } from "../answers.ts"
import { useReplay } from "./matrix-reads.ts"
import { MatrixView } from "./matrix/matrix-view.tsx"
import { useCan, useCases, useNow } from "../artifacts/viewer.tsx"
import { t } from "../../messages/message.ts"

export function Replay({ version }: { version: number }) {
    const can = useCan()
    const cases = useCases().data?.cases
    const now = useNow()
    if (!can("entitlement:read") || cases === undefined || now === null) return null
    return (
        <Section title={t("Replay")}>
            {cases.length === 0 ? (
                <Empty title={t("No cases yet.")} />
            ) : (
                <Asking version={version} cases={cases} now={now} />
            )}
        </Section>
    )
}

interface AskingProps {
    version: number
    cases: readonly Case[]
    now: string
}

function Asking({ version, cases, now }: AskingProps) {
    const [subject, setOf] = useState(cases[0]?.id ?? "")
    const [at, setAt] = useState(now)
    const [request, setAsked] = useState<{ version: number; case: string; at: string } | null>(null)
    const [wrong, setWrong] = useState<Error | null>(null)
    const [cell, setCell] = useState<string | null>(null)
    const answer = useReplay(request)
    const send = (event: SyntheticEvent) => {
        event.preventDefault()
        try {
            parseInstant(at)
            setWrong(null)
            setAsked({ version, case: subject, at })
        } catch (error) {
            setWrong(error as Error)
        }
    }
    return (
        <>
            <form className="question" onSubmit={send} noValidate>
                <Field
                    kind="choice"
                    label={t("Case")}
                    value={subject}
                    onChange={setOf}
                    from={cases.map(({ id, title }) => ({ value: id, name: title }))}
                />
                <Field kind="instant" label={t("At")} value={at} onChange={setAt} />
                <Button type="submit">{t("Replay case")}</Button>
            </form>
            <Failed error={wrong} />
            {request !== null && wrong === null && (
                <Loaded query={answer}>
                    {(found) => <MatrixView matrix={found} openKey={cell} onOpen={setCell} />}
                </Loaded>
            )}
        </>
    )
}
