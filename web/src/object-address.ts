import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

/** The address under which the page finds something that it holds; empty until there is one. */
export function useObjectAddress(content: Blob | undefined): string {
  const address = useSignal('');
  useEffect(() => {
    const own = content ? URL.createObjectURL(content) : '';
    address.value = own;
    return () => URL.revokeObjectURL(own);
  }, [content]);
  return address.value;
}
