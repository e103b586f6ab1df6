/** The recognition words: a phrase that mail with a sign-in link repeats. Leads set it; the partner's people see it. */
import { validateWords } from "../../../../server/src/trust/partners/roster/recognition-words.ts"
import { useRead, writeTo } from "../api.ts"
import { Do } from "../../kit/button.tsx"
import { Opens } from "../../kit/dialog.tsx"
import { FormDialog } from "../../kit/form.tsx"
import { Empty, Loaded, Notice } from "../../kit/notice.tsx"
import { Section } from "../../kit/table.tsx"
import { useWhyNot } from "../viewer.ts"
import { wordsFault, wordsHint } from "./words-field.ts"
import { t } from "../../messages/message.ts"

export function RecognitionWords() {
    const words = useRead("/api/recognition-words")
    return (
        <Section title={t("Recognition words")} aside={words.data !== undefined && <Change words={words.data.words} />}>
            <p className="caution">
                {t(
                    "Mail with a sign-in link repeats these words. Once they are set, follow no link in a mail without them. No page shows them to the operator's staff: keep them in your organisation.",
                )}
            </p>
            <Loaded query={words}>
                {({ words: known }) =>
                    known === null ? (
                        <Empty title={t("No recognition words yet.")}>
                            {t("A lead sets them. Until then, mail says that there are none.")}
                        </Empty>
                    ) : (
                        <code className="hash">{known}</code>
                    )
                }
            </Loaded>
        </Section>
    )
}

function Change({ words }: { words: string | null }) {
    const disabledReason = useWhyNot()("own:lead")
    return (
        <>
            {words !== null && <Remove />}
            <FormDialog
                button={words === null ? t("Set words…") : t("Change words…")}
                title={t("Recognition words")}
                submit={t("Save")}
                disabledReason={disabledReason}
                requests={[
                    {
                        name: "words",
                        label: t("Words"),
                        kind: "line",
                        hint: wordsHint(),
                        check: wordsFault,
                        codes: ["partner.bad_recognition_words"],
                    },
                ]}
                write={({ words: typed }) => writeTo("PUT", "/api/recognition-words", { words: validateWords(typed) })}
            >
                <p>{t("Each of your people gets a mail about the change, with the earlier words.")}</p>
            </FormDialog>
        </>
    )
}

function Remove() {
    return (
        <Opens
            button={t("Remove words…")}
            title={t("Remove the recognition words?")}
            disabledReason={useWhyNot()("own:lead")}
        >
            {(close) => (
                <>
                    <Notice tone="due">
                        {t("Your people can then no longer tell a real mail from a false one by its words.")}
                    </Notice>
                    <div className="row end">
                        <Do
                            look="danger"
                            write={writeTo("PUT", "/api/recognition-words", { words: null })}
                            onDone={close}
                        >
                            {t("Remove words")}
                        </Do>
                    </div>
                </>
            )}
        </Opens>
    )
}
