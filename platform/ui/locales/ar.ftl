# كلمات مشتركة بين جميع الصفحات.

ui-skip = انتقل إلى المحتوى الرئيسي
ui-strip = عن هذا العرض التوضيحي
ui-languages = اللغات
ui-nav = القائمة الرئيسية
ui-crumbs = أنت هنا
ui-pages = صفحات هذه القائمة
ui-sign-in = تسجيل الدخول
ui-sign-out = تسجيل الخروج
ui-trust = كيف تتحقق من عملنا
ui-back = رجوع
ui-previous = السابق
ui-next = التالي
ui-continue = متابعة
ui-save = حفظ ومتابعة
ui-send = إرسال
ui-save-later = حفظ والعودة لاحقًا
ui-change = تغيير
ui-choose = اختر
ui-optional = (إن وُجد)
ui-warning = تنبيه:
ui-error-prefix = خطأ:
ui-faults-title = في هذه الصفحة خطأ
ui-not-answered = دون إجابة
ui-yes = نعم
ui-no = لا
ui-photo-stored = الصورة محفوظة
ui-step = الخطوة { $step } من { $steps }
ui-check-title = راجع إجاباتك
ui-check-help = اقرأ كل شيء مرة أخيرة. يمكنك تغيير أي إجابة قبل الإرسال.
ui-place = المكان
ui-address-lines = العنوان بكلماتك
ui-address-help = مثال: خلف المسجد الأزرق، قرب البئر. لا يلزم اسم شارع.
ui-max-characters =
    { $max ->
        [zero] لا يُقبل أي حرف
        [one] حرف واحد على الأكثر
        [two] حرفان على الأكثر
        [few] { $max } أحرف على الأكثر
        [many] { $max } حرفًا على الأكثر
       *[other] { $max } حرف على الأكثر
    }

ui-day = اليوم
ui-month = الشهر
ui-year = السنة
ui-date-day = { $day } { $month } { $year }
ui-date-month = { $month } { $year }
ui-date-year = { $year }
ui-date-unknown = غير معروف
ui-date-moment = { $day } في الساعة { $time }
ui-month-1 = يناير
ui-month-2 = فبراير
ui-month-3 = مارس
ui-month-4 = أبريل
ui-month-5 = مايو
ui-month-6 = يونيو
ui-month-7 = يوليو
ui-month-8 = أغسطس
ui-month-9 = سبتمبر
ui-month-10 = أكتوبر
ui-month-11 = نوفمبر
ui-month-12 = ديسمبر

ui-ago-seconds =
    { $n ->
        [0] الآن
        [zero] الآن
        [one] قبل ثانية واحدة
        [two] قبل ثانيتين
        [few] قبل { $n } ثوانٍ
        [many] قبل { $n } ثانية
       *[other] قبل { $n } ثانية
    }
ui-ago-minutes =
    { $n ->
        [zero] الآن
        [one] قبل دقيقة واحدة
        [two] قبل دقيقتين
        [few] قبل { $n } دقائق
        [many] قبل { $n } دقيقة
       *[other] قبل { $n } دقيقة
    }
ui-ago-hours =
    { $n ->
        [zero] الآن
        [one] قبل ساعة واحدة
        [two] قبل ساعتين
        [few] قبل { $n } ساعات
        [many] قبل { $n } ساعة
       *[other] قبل { $n } ساعة
    }
ui-ago-days =
    { $n ->
        [zero] اليوم
        [one] قبل يوم واحد
        [two] قبل يومين
        [few] قبل { $n } أيام
        [many] قبل { $n } يومًا
       *[other] قبل { $n } يوم
    }

ui-list-comma = { "، " }
ui-list-last = { " و" }

ui-record-empty = لم يُنشر السجل العام بعد
ui-record-confirmed =
    { $witnesses ->
        [0] نُشر السجل العام { $age }؛ وهذه المنظومة لا تشترط شهودًا
        [zero] نُشر السجل العام { $age }؛ وهذه المنظومة لا تشترط شهودًا
        [one] نُشر السجل العام { $age } وأكده شاهد واحد
        [two] نُشر السجل العام { $age } وأكده شاهدان
        [few] نُشر السجل العام { $age } وأكده { $witnesses } شهود
        [many] نُشر السجل العام { $age } وأكده { $witnesses } شاهدًا
       *[other] نُشر السجل العام { $age } وأكده { $witnesses } شاهد
    }
ui-record-unconfirmed = نُشر السجل العام { $age }، ولم يؤكده من الشهود سوى { $witnesses } من أصل { $quorum } مطلوبين
ui-receipt-pending = في انتظار النشر
ui-receipt-signed = مُدرَج في السجل العام
ui-receipt-cosigned = أكده الشهود

ui-language-incomplete = هذه اللغة غير مكتملة: بعض النصوص بالإنجليزية.
ui-language-unreviewed = لم يراجع هذه الترجمة متحدث أصلي باللغة بعد.

ui-problem-title = حدث خطأ ما
ui-problem-next-title = ما الذي يمكنك فعله
ui-problem-reference = الرقم المرجعي لمكتب المساعدة: { $code }

problem-not-found = لم نعثر على هذه الصفحة.
problem-not-found-next = تحقق من كتابة العنوان، أو ابدأ من الصفحة الرئيسية.
problem-internal = الخطأ من جانبنا: تعطّل شيء أثناء تنفيذ طلبك.
problem-internal-next = حاول مرة أخرى بعد بضع دقائق. إن تكرر ذلك فأعطِ مكتب المساعدة الرقم المرجعي أدناه.
problem-store-unavailable = لا يمكننا حفظ أي شيء حاليًا، لذلك لم يتغير أي شيء.
problem-store-unavailable-next = حاول مرة أخرى بعد بضع دقائق.
