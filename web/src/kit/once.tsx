/** Shows a secret once: it can be copied, and disappears when the viewer closes it. */
import { Button, CopyButton } from "./button.tsx"
import { Notice } from "./notice.tsx"
import { t } from "../messages/message.ts"

interface OnceProps {
    kind: string
    secret: string
    /** Without it, the secret stays for the life of the page. */
    onClose?: () => void
}

export function Once({ kind, secret, onClose }: OnceProps) {
    return (
        <Notice tone="good">
            <div className="once">
                <span>{t("{title}. It is shown only once.", { title: kind })}</span>
                <code className="hash">{secret}</code>
                <span className="row">
                    <CopyButton text={secret}>{t("Copy")}</CopyButton>
                    {onClose !== undefined && (
                        <Button look="quiet" onPress={onClose}>
                            {t("Hide")}
                        </Button>
                    )}
                </span>
            </div>
        </Notice>
    )
}
