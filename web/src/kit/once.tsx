/** A secret that is shown this once: it can be copied, and is gone when it is put away. */
import { Button, CopyButton } from "./button.tsx"
import { Notice } from "./notice.tsx"

interface OnceProps {
    kind: string
    secret: string
    /** Without it, it stands for as long as the page does. */
    onClose?: () => void
}

export function Once({ kind, secret, onClose }: OnceProps) {
    return (
        <Notice tone="good">
            <div className="once">
                <span>{kind}. It is shown this once.</span>
                <code className="hash">{secret}</code>
                <span className="row">
                    <CopyButton text={secret}>Copy it</CopyButton>
                    {onClose !== undefined && (
                        <Button look="quiet" onPress={onClose}>
                            Put it away
                        </Button>
                    )}
                </span>
            </div>
        </Notice>
    )
}
