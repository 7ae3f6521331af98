-- A number begins where digits begin and ends where they end; spaces and hyphens, up to three together, may stand between
-- its digits. What the text itself calls the number of an order, a contract or a document, or writes behind other
-- letters than those of a label, is no identity card, whatever its check says: one serial in eleven passes that.
CREATE OR REPLACE FUNCTION star.has_identity_card(words text) RETURNS boolean
STABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
DECLARE
    rest text;
    gap text;
BEGIN
    IF length(words) < 18 THEN
        RETURN false;
    END IF;
    rest := normalize(words, NFKC);
    IF rest !~ '\d(?:[\s\u00ad\u200b\u2010-\u2015\u2212-]{0,3}\d){16}' THEN
        RETURN false;
    END IF;
    -- From the beginning of each group of digits in turn; `gap` is what stands before it.
    LOOP
        gap := substring(rest FROM '^\D*');
        rest := substr(rest, length(gap) + 1);
        IF length(rest) < 18 THEN
            RETURN false;
        END IF;
        IF rest ~ '^\d(?:[\s\u00ad\u200b\u2010-\u2015\u2212-]{0,3}\d){16}[\s\u00ad\u200b\u2010-\u2015\u2212-]{0,3}[\dXx](?![\dA-Za-z])'
           AND star.is_identity_card(left(regexp_replace(left(rest, 69), '[^\dXx]', '', 'g'), 18))
           AND (gap !~* '[a-z]$' OR gap ~* '(^|[^a-z])(id|no|card|sfz|sfzh)$')
           AND gap !~ '(工单|订单|流水|受理|案件|事项|合同|批文|文件|发票|档案|登记|备案)(编?号|编?号码|编码|单号)?[\s:#(]*$' THEN
            RETURN true;
        END IF;
        rest := substring(rest FROM '^\d+(.*)$');
    END LOOP;
END
$$;
COMMENT ON FUNCTION star.has_identity_card IS
    '文字中是否有身份证号，数字之间可有空格和连字符 / whether a text holds an identity number, spaces and hyphens between its digits or not';
